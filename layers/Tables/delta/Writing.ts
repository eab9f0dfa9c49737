/** Writing: rows added or replaced by one commit, with optimistic concurrency. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Clock, Data, Effect, Option, Schedule } from "effect";
import type { Action, Metadata, Remove } from "../../../src/delta/Actions.ts";
import { logFolder } from "../../../src/delta/LogNames.ts";
import { emptyState, type LogState } from "../../../src/delta/LogState.ts";
import { newColumns, printSchema, schemaConflict, withColumns } from "../../../src/delta/SchemaString.ts";
import type { Field } from "../../../src/domain/Columns.ts";
import { backOff } from "../../../src/ports/BackOff.ts";
import type { TableError, TableTransaction } from "../../../src/ports/Tables.ts";
import { type DataFiles, type Writer, withDataFiles } from "./DataFiles.ts";
import { failure, ioError } from "./TableErrors.ts";
import type { TableFolder } from "./TableFolder.ts";
import { type TableView, viewOf, writeObstacle } from "./TableView.ts";

/** Another process put this version first. */
class Conflict extends Data.TaggedError("Conflict")<{ readonly version: number }> {}

const conflictRetries = 50;

const conflictSchedule = Schedule.intersect(backOff("2 millis", "330 millis"), Schedule.recurs(conflictRetries));

/**
 * Commits what `plan` makes of the newest state; plans again on the state that won, a bounded number of times.
 * Answers the version that was put, or the newest where there was nothing to commit.
 */
export const commitPlanned = (
  { table, log }: TableFolder,
  plan: (state: LogState) => Effect.Effect<ReadonlyArray<Action>, TableError>,
  visible: Effect.Effect<void>,
): Effect.Effect<number, TableError> =>
  log
    .exclusively(
      Effect.gen(function* () {
        const state = Option.getOrElse(yield* log.latest, () => emptyState);
        const actions = yield* plan(state);
        if (actions.length === 0) return state.version;
        const done = yield* log.commit(state, actions, visible);
        return done ? state.version + 1 : yield* new Conflict({ version: state.version + 1 });
      }),
    )
    .pipe(
      Effect.retry({ while: (error) => error._tag === "Conflict", schedule: conflictSchedule }),
      Effect.catchTag("Conflict", ({ version }) => {
        const message = `version ${version} of table ${table} and ${conflictRetries} before it went to other writers`;
        return Effect.fail(failure("Io", table, `${message}; try again with fewer writers`));
      }),
    );

const protocolAction: Action = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };

const commitInfo = (timestamp: number, operation: string, parameters: Record<string, string>): Action => ({
  commitInfo: { timestamp, operation, operationParameters: parameters, engineInfo: "slipstream", txnId: randomUUID() },
});

export const removeOf = (
  add: { readonly path: string; readonly size: number; readonly partitionValues?: Remove["partitionValues"] },
  deletionTimestamp: number,
  dataChange: boolean,
): Action => ({
  remove: {
    path: add.path,
    deletionTimestamp,
    dataChange,
    extendedFileMetadata: true,
    partitionValues: add.partitionValues ?? {},
    size: add.size,
  },
});

const newMetadata = (fields: ReadonlyArray<Field>, createdTime: number): Metadata => ({
  id: randomUUID(),
  format: { provider: "parquet", options: {} },
  schemaString: printSchema(fields),
  partitionColumns: [],
  configuration: {},
  createdTime,
});

const refuse = (table: string, view: TableView, operation: "append" | "overwrite") => {
  const obstacle = writeObstacle(view, operation);
  return obstacle === undefined
    ? Effect.void
    : Effect.fail(failure("Unsupported", table, `table ${table} cannot be written: ${obstacle}`));
};

const checkTransactions = (
  table: string,
  state: LogState,
  transactions: ReadonlyArray<TableTransaction>,
): Effect.Effect<void, TableError> =>
  Effect.forEach(
    transactions,
    ({ appId, expected }) => {
      const current = state.transactions.get(appId)?.version;
      if (current === expected) return Effect.void;
      const message = `${appId} expected to be at ${expected ?? "no version"} in ${table}, but is at ${current ?? "none"}`;
      return Effect.fail(failure("Stale", table, `${message}; read the snapshot again and go on from there`));
    },
    { discard: true },
  );

/** Whether rows of `fields` may be appended to the state under these transactions; answers the metadata that they ask for. */
const checkAppend = (
  table: string,
  state: LogState,
  fields: ReadonlyArray<Field>,
  transactions: ReadonlyArray<TableTransaction>,
): Effect.Effect<Metadata | undefined, TableError> =>
  Effect.gen(function* () {
    yield* checkTransactions(table, state, transactions);
    if (state.version < 0) return newMetadata(fields, yield* Clock.currentTimeMillis);
    const view = yield* viewOf(table, state);
    yield* refuse(table, view, "append");
    const conflict = schemaConflict(view.schema.fields, fields);
    if (conflict !== undefined) {
      const message = `rows do not fit table ${table}: ${conflict}`;
      return yield* Effect.fail(failure("SchemaMismatch", table, message));
    }
    const added = newColumns(view.schema.fields, fields);
    if (added.length === 0) return undefined;
    return { ...view.metadata, schemaString: withColumns(view.metadata.schemaString, added) };
  });

/** Bytes of the file that is tried: of the size of a commit. */
const trialBytes = 4096;

/** Tries to read the table's log and to write a file beside its commits; under `root` where there is no table yet. */
export const writable = ({ table, folder, log, objects }: TableFolder, root: string): Effect.Effect<void, TableError> =>
  Effect.gen(function* () {
    const state = Option.getOrUndefined(yield* log.latest);
    if (state !== undefined) yield* Effect.flatMap(viewOf(table, state), (view) => refuse(table, view, "append"));
    const beside = state === undefined ? root : join(folder, logFolder);
    yield* objects.makeFolder(beside);
    const trial = join(beside, `.${randomUUID()}.tmp`);
    yield* objects.put(trial, new Uint8Array(trialBytes).fill(1)).pipe(
      Effect.mapError(({ cause }) => ioError(table, beside, cause)),
      Effect.ensuring(Effect.ignore(objects.delete(trial))),
    );
  });

export const append = <E, R>(
  place: TableFolder,
  fields: ReadonlyArray<Field>,
  write: Writer<E, R>,
  transactions: ReadonlyArray<TableTransaction>,
): Effect.Effect<number, TableError | E, R> => {
  const { table, folder, log, objects } = place;
  const plan = (files: DataFiles) => (state: LogState) =>
    Effect.gen(function* () {
      const metaData = yield* checkAppend(table, state, fields, transactions);
      if (metaData === undefined && files.adds.length === 0 && transactions.length === 0) return [];
      const now = yield* Clock.currentTimeMillis;
      return [
        commitInfo(now, "WRITE", { mode: "Append", partitionBy: "[]" }),
        ...(state.version < 0 ? [protocolAction] : []),
        ...(metaData === undefined ? [] : [{ metaData }]),
        ...transactions.map(({ appId, next }): Action => ({ txn: { appId, version: next, lastUpdated: now } })),
        ...files.adds.map((add): Action => ({ add })),
      ];
    });
  return Effect.gen(function* () {
    const before = Option.getOrElse(yield* log.latest, () => emptyState);
    yield* checkAppend(table, before, fields, transactions);
    return yield* withDataFiles(objects, folder, write, (files) => commitPlanned(place, plan(files), files.keep));
  });
};

export const overwrite = <E, R>(
  place: TableFolder,
  fields: ReadonlyArray<Field>,
  write: Writer<E, R>,
): Effect.Effect<number, TableError | E, R> => {
  const { table, folder, log, objects } = place;
  const check = (state: LogState): Effect.Effect<TableView | undefined, TableError> =>
    state.version < 0
      ? Effect.succeed(undefined)
      : Effect.tap(viewOf(table, state), (view) => refuse(table, view, "overwrite"));
  const plan = (files: DataFiles) => (state: LogState) =>
    Effect.gen(function* () {
      const view = yield* check(state);
      const now = yield* Clock.currentTimeMillis;
      const schemaString = printSchema(fields);
      const same =
        view !== undefined && view.metadata.schemaString === schemaString && view.partitionColumns.length === 0;
      const metadata: Metadata =
        view === undefined ? newMetadata(fields, now) : { ...view.metadata, schemaString, partitionColumns: [] };
      return [
        commitInfo(now, "WRITE", { mode: "Overwrite", partitionBy: "[]" }),
        ...(view === undefined ? [protocolAction] : []),
        ...(same ? [] : [{ metaData: metadata }]),
        ...Array.from(state.files.values(), (add) => removeOf(add, now, true)),
        ...files.adds.map((add): Action => ({ add })),
      ];
    });
  return Effect.gen(function* () {
    yield* check(Option.getOrElse(yield* log.latest, () => emptyState));
    return yield* withDataFiles(objects, folder, write, (files) => commitPlanned(place, plan(files), files.keep));
  });
};

/** Puts the rows that `write` makes in place of those of some files of `view`; false where one of them is gone meanwhile. */
export const replace = <E, R>(
  place: TableFolder,
  view: TableView,
  numbers: ReadonlyArray<number>,
  write: Writer<E, R>,
): Effect.Effect<boolean, TableError | E, R> =>
  Effect.gen(function* () {
    const { table, folder, objects } = place;
    const all = Array.from(view.state.files.values());
    const old = numbers.flatMap((number) => all[number] ?? []);
    let done = false;
    const plan = (files: DataFiles) => (state: LogState) =>
      Effect.gen(function* () {
        const current = yield* viewOf(table, state);
        yield* refuse(table, current, "overwrite");
        const unchanged = current.metadata.schemaString === view.metadata.schemaString;
        if (!unchanged || !old.every(({ path }) => state.files.has(path))) return [];
        const now = yield* Clock.currentTimeMillis;
        return [
          commitInfo(now, "DELETE", { predicate: "[]" }),
          ...old.map((add) => removeOf(add, now, true)),
          ...files.adds.map((add): Action => ({ add })),
        ];
      });
    yield* refuse(table, view, "overwrite");
    yield* withDataFiles(objects, folder, write, (files) =>
      commitPlanned(
        place,
        plan(files),
        Effect.zipRight(
          files.keep,
          Effect.sync(() => {
            done = true;
          }),
        ),
      ),
    );
    return done;
  });
