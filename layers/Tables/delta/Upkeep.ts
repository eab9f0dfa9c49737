/** Upkeep: small files merged, files nobody needs deleted, tables dropped. */
import { randomUUID } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Clock, Duration, Effect, Option, Ref, Stream } from "effect";
import type { Action, Remove } from "../../../src/delta/Actions.ts";
import { tombstoneMillis } from "../../../src/delta/Checkpoint.ts";
import { logFolder } from "../../../src/delta/LogNames.ts";
import { unwritable } from "../../../src/delta/Support.ts";
import type { TableError } from "../../../src/ports/Tables.ts";
import { fromBatches, withDataFiles } from "./DataFiles.ts";
import { identify, listFolder, removeQuietly } from "./Files.ts";
import { cleanLog } from "./LogCleanup.ts";
import { readFiles, viewAt } from "./Reading.ts";
import { codeOf, failure, io } from "./TableErrors.ts";
import type { TableFolder } from "./TableFolder.ts";
import { dataPath, type TableView, viewOf, writeObstacle } from "./TableView.ts";
import { commitPlanned, removeOf } from "./Writing.ts";

/** Merges the small files; 0 where another writer took one of them away meanwhile. */
export const compact = (
  place: TableFolder,
  { smallerThan, minFiles }: { readonly smallerThan: number; readonly minFiles: number },
): Effect.Effect<number, TableError> =>
  Effect.gen(function* () {
    const { table, folder } = place;
    const view = yield* viewAt(place, undefined);
    const obstacle = writeObstacle(view, "compact");
    if (obstacle !== undefined) {
      return yield* Effect.fail(failure("Unsupported", table, `table ${table} cannot be compacted: ${obstacle}`));
    }
    const small = Array.from(view.state.files.values()).filter(({ size }) => size < smallerThan);
    if (small.length < Math.max(2, minFiles)) return 0;
    const { fields } = view.schema;
    const merged = yield* Ref.make(0);
    const rows = readFiles(place, view, small, {});
    yield* withDataFiles(table, folder, fromBatches(table, folder, fields, false, rows), (files) =>
      commitPlanned(
        place,
        (state) =>
          Effect.gen(function* () {
            const current = yield* viewOf(table, state);
            const unchanged = current.metadata.schemaString === view.metadata.schemaString;
            if (!unchanged || !small.every(({ path }) => state.files.has(path))) return [];
            const now = yield* Clock.currentTimeMillis;
            return [
              { commitInfo: { timestamp: now, operation: "OPTIMIZE", engineInfo: "slipstream", txnId: randomUUID() } },
              ...small.map((add) => removeOf(add, now, false)),
              ...files.adds.map((add): Action => ({ add })),
            ];
          }),
        Effect.zipRight(files.keep, Ref.set(merged, small.length)),
      ),
    );
    return yield* Ref.get(merged);
  });

/** A file that no commit names may belong to a writer that is still at work; after this time it does not. */
const orphanAge = Duration.days(1);

interface Found {
  readonly path: string;
  readonly modified: number;
}

/** Data files under a folder, in partition folders too; names that begin with "_" or "." are not data. */
const findData = async (folder: string): Promise<ReadonlyArray<Found>> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: Array<Found> = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith("_") || entry.name.startsWith(".")) continue;
    if (entry.isFile()) found.push(...(await foundAt(path)));
    else if (entry.isDirectory() && !(await readdir(path)).includes(logFolder)) found.push(...(await findData(path)));
  }
  return found;
};

/** Nothing where the file has gone meanwhile. */
const foundAt = (path: string): Promise<ReadonlyArray<Found>> =>
  stat(path).then(
    ({ mtimeMs }) => [{ path, modified: mtimeMs }],
    (cause) => (codeOf(cause) === "ENOENT" ? [] : Promise.reject(cause)),
  );

/** What a writer that died left in the log folder. */
const findTemporary = async (folder: string): Promise<ReadonlyArray<Found>> => {
  const log = join(folder, logFolder);
  const names = (await readdir(log)).filter((name) => name.startsWith(".") && name.endsWith(".tmp"));
  return (await Promise.all(names.map((name) => foundAt(join(log, name))))).flat();
};

/** When each file that is no longer live was removed; `all`: also those whose tombstones have left the checkpoints. */
const removals = (
  { folder, log }: TableFolder,
  { state }: TableView,
  all: boolean,
): Effect.Effect<ReadonlyMap<string | undefined, number>, TableError> => {
  const times = new Map<string | undefined, number>();
  const note = (remove: Remove) => times.set(dataPath(folder, remove), remove.deletionTimestamp ?? 0);
  const older = all
    ? Stream.runForEach(log.history, ({ actions }) =>
        Effect.sync(() => {
          for (const { remove } of actions) if (remove !== undefined) note(remove);
        }),
      )
    : Effect.void;
  return Effect.map(older, () => {
    for (const remove of state.tombstones.values()) note(remove);
    return times;
  });
};

export const vacuum = (place: TableFolder, retention: Duration.Duration): Effect.Effect<number, TableError> =>
  Effect.gen(function* () {
    const { table, folder } = place;
    const view = yield* viewAt(place, undefined);
    const obstacle = unwritable(view.protocol, view.metadata);
    if (obstacle !== undefined) {
      return yield* Effect.fail(failure("Unsupported", table, `table ${table} cannot be vacuumed: ${obstacle}`));
    }
    const now = yield* Clock.currentTimeMillis;
    const cutoff = now - Duration.toMillis(retention);
    const orphanCutoff = Math.min(cutoff, now - Duration.toMillis(orphanAge));
    const live = new Set(Array.from(view.state.files.values(), (add) => dataPath(folder, add)));
    const removed = yield* removals(place, view, Duration.toMillis(retention) > tombstoneMillis);
    const temporary = yield* io(table, folder, () => findTemporary(folder));
    yield* removeQuietly(temporary.filter(({ modified }) => modified < orphanCutoff).map(({ path }) => path));
    const found = yield* io(table, folder, () => findData(folder));
    const doomed = found.filter(({ path, modified }) => {
      if (live.has(path)) return false;
      const deleted = removed.get(path);
      return deleted === undefined ? modified < orphanCutoff : deleted <= cutoff;
    });
    yield* Effect.forEach(doomed, ({ path }) => io(table, path, () => rm(path, { force: true })), { discard: true });
    yield* cleanLog(place, view, now, retention);
    return doomed.length;
  });

/** Renames the folder first, so that nobody sees half a table; what an interrupted drop left goes with it. */
export const drop = ({ table, folder, log }: TableFolder): Effect.Effect<void, TableError> =>
  log.exclusively(
    Effect.gen(function* () {
      const parent = dirname(folder);
      const doomed = `.${basename(folder)}.dropped-`;
      if (Option.isSome(yield* identify(table, folder))) {
        yield* io(table, folder, () =>
          rename(folder, join(parent, `${doomed}${randomUUID()}`)).catch((cause) =>
            codeOf(cause) === "ENOENT" ? undefined : Promise.reject(cause),
          ),
        );
      }
      const left = (yield* listFolder(table, parent)).filter((name) => name.startsWith(doomed));
      yield* removeQuietly(left.map((name) => join(parent, name)));
    }).pipe(Effect.uninterruptible),
  );
