/** TrainingData: what the newest preprocess wrote, as training and loading want it, at the versions of its snapshot. */
import { Effect, Option, Schema, Stream } from "effect";
import { readIds } from "../datasets/StoredIds.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { itemMap, type TableDefinition, trainData, trainingSnapshot, userMap } from "../domain/TableSchemas.ts";
import { type ColumnBatch, type TableError, Tables } from "../ports/Tables.ts";

export class TrainingDataError extends Schema.TaggedError<TrainingDataError>()("TrainingDataError", {
  /** Missing: there is none yet. Corrupt: the tables contradict one another. */
  reason: Schema.Literal("Missing", "Corrupt"),
  message: Schema.String,
}) {}

type Reading<A> = Effect.Effect<A, TrainingDataError | TableError, Tables>;

/** Ratings in CSR form: user u rated `itemIdx[i]` with `ratings[i]` for i in `pointers[u]` … `pointers[u + 1] - 1`. */
export interface TrainingData {
  readonly users: number;
  readonly items: number;
  /** Length users + 1. */
  readonly pointers: Uint32Array;
  /** Ascending within a user. */
  readonly itemIdx: Uint32Array;
  readonly ratings: Float32Array;
  readonly snapshot: TrainingSnapshot;
}

const missing = new TrainingDataError({
  reason: "Missing",
  message: "There is no training data yet: run the command `batch preprocess` first.",
});

/** The versions and offsets that the newest preprocess noted. */
export const readSnapshot: Reading<TrainingSnapshot> = Effect.gen(function* () {
  const tables = yield* Tables;
  const versions: Record<string, number> = {};
  const offsets: Record<string, string> = {};
  yield* tables.read(trainingSnapshot.name).pipe(
    Stream.runForEach((batch) =>
      Effect.sync(() => {
        const kinds = batch.columns.kind as ArrayLike<string>;
        const keys = batch.columns.key as ArrayLike<string>;
        const values = batch.columns.value as ArrayLike<bigint>;
        for (let i = 0; i < batch.rows; i++) {
          if (kinds[i] === "table") versions[keys[i]] = Number(values[i]);
          if (kinds[i] === "offset") offsets[keys[i]] = String(values[i]);
        }
      }),
    ),
    Effect.catchIf(
      (error) => error.reason === "NotFound",
      () => missing,
    ),
  );
  return { tables: versions, offsets };
});

/** The version of a table that the snapshot must name. */
export const versionOf = (
  snapshot: TrainingSnapshot,
  table: TableDefinition,
): Effect.Effect<number, TrainingDataError> => {
  const version = snapshot.tables[table.name];
  return version === undefined
    ? new TrainingDataError({
        reason: "Corrupt",
        message: `The training snapshot names no version of ${table.name}: run the command \`batch preprocess\` again.`,
      })
    : Effect.succeed(version);
};

/** All rows of a table of the snapshot. */
export const readTable = (
  snapshot: TrainingSnapshot,
  table: TableDefinition,
): Stream.Stream<ColumnBatch, TrainingDataError | TableError, Tables> =>
  Stream.unwrap(
    Effect.map(Effect.all([Tables, versionOf(snapshot, table)]), ([tables, version]) =>
      tables.read(table.name, { version }),
    ),
  );

const rowsOf = (snapshot: TrainingSnapshot, table: TableDefinition): Reading<number> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const version = yield* versionOf(snapshot, table);
    return (yield* tables.snapshot(table.name, version)).rows;
  });

/** The ratings of `snapshot`, by default the newest one. Users and items without a rating have none, but count. */
export const readTrainingData = (at?: TrainingSnapshot): Reading<TrainingData> =>
  Effect.gen(function* () {
    const snapshot = at ?? (yield* readSnapshot);
    const users = yield* rowsOf(snapshot, userMap);
    const items = yield* rowsOf(snapshot, itemMap);
    const pairs = yield* rowsOf(snapshot, trainData);
    const pointers = new Uint32Array(users + 1);
    const itemIdx = new Uint32Array(pairs);
    const ratings = new Float32Array(pairs);
    let row = 0;
    let lastUser = 0;
    let inOrder = true;
    yield* readTable(snapshot, trainData).pipe(
      Stream.runForEach((batch) =>
        Effect.sync(() => {
          const user = batch.columns.user_idx as ArrayLike<number>;
          const item = batch.columns.item_idx as ArrayLike<number>;
          const rating = batch.columns.rating as ArrayLike<number>;
          for (let i = 0; i < batch.rows; i++, row++) {
            inOrder = inOrder && user[i] >= lastUser && user[i] < users && item[i] >= 0 && item[i] < items;
            lastUser = user[i];
            pointers[user[i] + 1]++;
            itemIdx[row] = item[i];
            ratings[row] = rating[i];
          }
        }),
      ),
    );
    if (!inOrder || row !== pairs) {
      return yield* new TrainingDataError({
        reason: "Corrupt",
        message: `${trainData.name} is not in order of users or names unknown ones: run \`batch preprocess\` again.`,
      });
    }
    for (let user = 0; user < users; user++) pointers[user + 1] += pointers[user];
    return { users, items, pointers, itemIdx, ratings, snapshot };
  });

/** Whether some id of an id map is a whole number. */
export const hasNumericIds = (snapshot: TrainingSnapshot, table: TableDefinition): Reading<boolean> => {
  const [id] = table.schema;
  return readTable(snapshot, table).pipe(
    Stream.filter(({ columns }) => Array.from(columns[id.name] as ArrayLike<string>).some((one) => /^\d+$/.test(one))),
    Stream.runHead,
    Effect.map(Option.isSome),
  );
};

/** The shop's ids by user index. */
export const readUserIds = (snapshot: TrainingSnapshot): Reading<ReadonlyArray<string>> =>
  Effect.flatMap(versionOf(snapshot, userMap), (version) => readIds(userMap, version));
