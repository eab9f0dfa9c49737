/** Upkeep: small files merged, files nobody needs deleted, tables dropped. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Clock, Duration, Effect, Option, Ref, Stream } from "effect";
import type { Action, Remove } from "../../../src/delta/Actions.ts";
import { tombstoneMillis } from "../../../src/delta/Checkpoint.ts";
import { logFolder } from "../../../src/delta/LogNames.ts";
import { unwritable } from "../../../src/delta/Support.ts";
import type { TableError } from "../../../src/ports/Tables.ts";
import { fromBatches, withDataFiles } from "./DataFiles.ts";
import { cleanLog } from "./LogCleanup.ts";
import { readFiles, viewAt } from "./Reading.ts";
import { failure } from "./TableErrors.ts";
import type { TableFolder } from "./TableFolder.ts";
import { namesIn, removeQuietly, type TableObjects } from "./TableObjects.ts";
import { dataPath, type TableView, viewOf, writeObstacle } from "./TableView.ts";
import { commitPlanned, removeOf } from "./Writing.ts";

/** Merges the small files; 0 where another writer took one of them away meanwhile. */
export const compact = (
  place: TableFolder,
  { smallerThan, minFiles }: { readonly smallerThan: number; readonly minFiles: number },
): Effect.Effect<number, TableError> =>
  Effect.gen(function* () {
    const { table, folder, objects } = place;
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
    yield* withDataFiles(objects, folder, fromBatches(objects, folder, fields, false, rows), (files) =>
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

/** Nothing where the file has gone meanwhile. */
const foundAt = (objects: TableObjects, path: string): Effect.Effect<ReadonlyArray<Found>, TableError> =>
  Effect.map(objects.head(path), Option.match({ onNone: () => [], onSome: ({ modified }) => [{ path, modified }] }));

/** Data files under a folder, in partition folders too; names that begin with "_" or "." are not data. */
const findData = (objects: TableObjects, folder: string): Effect.Effect<ReadonlyArray<Found>, TableError> =>
  Effect.gen(function* () {
    const found: Array<ReadonlyArray<Found>> = [];
    for (const { kind, name } of yield* objects.list(folder)) {
      const path = join(folder, name);
      if (name.startsWith("_") || name.startsWith(".")) continue;
      if (kind === "object") found.push(yield* foundAt(objects, path));
      else if (kind === "folder" && !(yield* namesIn(objects, path)).includes(logFolder)) {
        found.push(yield* findData(objects, path));
      }
    }
    return found.flat();
  });

/** What a writer that died left in the log folder. */
const findTemporary = (objects: TableObjects, folder: string): Effect.Effect<ReadonlyArray<Found>, TableError> =>
  Effect.gen(function* () {
    const log = join(folder, logFolder);
    const names = (yield* namesIn(objects, log)).filter((name) => name.startsWith(".") && name.endsWith(".tmp"));
    const found = yield* Effect.forEach(names, (name) => foundAt(objects, join(log, name)), { concurrency: 16 });
    return found.flat();
  });

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
    const { table, folder, objects } = place;
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
    const temporary = yield* findTemporary(objects, folder);
    yield* removeQuietly(
      objects,
      temporary.filter(({ modified }) => modified < orphanCutoff).map(({ path }) => path),
    );
    const found = yield* findData(objects, folder);
    const doomed = found.filter(({ path, modified }) => {
      if (live.has(path)) return false;
      const deleted = removed.get(path);
      return deleted === undefined ? modified < orphanCutoff : deleted <= cutoff;
    });
    yield* Effect.forEach(doomed, ({ path }) => objects.delete(path), { discard: true });
    yield* cleanLog(place, view, now, retention);
    return doomed.length;
  });

export const drop = ({ folder, log, objects }: TableFolder): Effect.Effect<void, TableError> =>
  log.exclusively(Effect.uninterruptible(objects.drop(folder)));
