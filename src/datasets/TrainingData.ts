/** TrainingData: what the newest preprocess wrote, as training and loading want it, at the versions of its snapshot. */
import { Effect, Either, Option, Schema, Stream } from "effect";
import type { Column, ColumnBatch } from "../domain/Columns.ts";
import { parseEventTypes } from "../domain/EventTypes.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { itemMap, type TableDefinition, trainData, trainingSnapshot, userMap } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import type { Ratings } from "../ports/Trainer.ts";
import { readIds } from "./StoredIds.ts";

export class TrainingDataError extends Schema.TaggedError<TrainingDataError>()("TrainingDataError", {
  /** Missing: there is none yet. Corrupt: the tables contradict one another. */
  reason: Schema.Literal("Missing", "Corrupt"),
  message: Schema.String,
}) {}

type Reading<A> = Effect.Effect<A, TrainingDataError | TableError, Tables>;

export interface TrainingData extends Ratings {
  readonly snapshot: TrainingSnapshot;
}

const missing = new TrainingDataError({
  reason: "Missing",
  message: "There is no training data yet: run the command `batch preprocess` first.",
});

/** The versions, offsets and types of events that the newest preprocess noted. */
export const readSnapshot: Reading<TrainingSnapshot> = Effect.gen(function* () {
  const tables = yield* Tables;
  const versions: Record<string, number> = {};
  const offsets: Record<string, string> = {};
  let types: string | undefined;
  yield* tables.read(trainingSnapshot.name).pipe(
    Stream.runForEach((batch) =>
      Effect.sync(() => {
        const kinds = batch.columns.kind as ArrayLike<string>;
        const keys = batch.columns.key as ArrayLike<string>;
        const values = batch.columns.value as ArrayLike<bigint>;
        for (let i = 0; i < batch.rows; i++) {
          if (kinds[i] === "table") versions[keys[i]] = Number(values[i]);
          if (kinds[i] === "offset") offsets[keys[i]] = String(values[i]);
          if (kinds[i] === "types") types = keys[i];
        }
      }),
    ),
    Effect.catchIf(
      (error) => error.reason === "NotFound",
      () => missing,
    ),
  );
  if (types === undefined) return { tables: versions, offsets };
  const parsed = parseEventTypes(types);
  return Either.isRight(parsed)
    ? { tables: versions, offsets, eventTypes: parsed.right.list }
    : yield* new TrainingDataError({
        reason: "Corrupt",
        message: `${trainingSnapshot.name} names types of events that are none (${parsed.left}): run \`batch preprocess\` again.`,
      });
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

/** Numbers of a batch in an array of their own type, so that loops over them are fast. */
const integers = (column: Column): Int32Array =>
  column instanceof Int32Array ? column : Int32Array.from(column as ArrayLike<number>);

/**
 * Counts the rows of each user in the element behind the user's; answers the last user, or -1 where a user stands before an
 * earlier one, or a user or an item is none of so many.
 */
const count = (
  users: Int32Array,
  items: Int32Array,
  before: number,
  counts: Uint32Array,
  itemCount: number,
): number => {
  let last = before;
  for (let i = 0; i < users.length; i++) {
    const user = users[i];
    if (user < last || user + 1 >= counts.length || items[i] < 0 || items[i] >= itemCount) return -1;
    last = user;
    counts[user + 1]++;
  }
  return last;
};

/** The ratings of `snapshot`, by default the newest one. Users and items without a rating have none, but count. */
export const readTrainingData = (at?: TrainingSnapshot): Reading<TrainingData> =>
  Effect.gen(function* () {
    const snapshot = at ?? (yield* readSnapshot);
    const users = yield* rowsOf(snapshot, userMap);
    const items = yield* rowsOf(snapshot, itemMap);
    const pairs = yield* rowsOf(snapshot, trainData);
    const corrupt = new TrainingDataError({
      reason: "Corrupt",
      message: `${trainData.name} is not in order of users or names unknown ones: run \`batch preprocess\` again.`,
    });
    const pointers = new Uint32Array(users + 1);
    const itemIdx = new Uint32Array(pairs);
    const ratings = new Float32Array(pairs);
    let row = 0;
    let lastUser = 0;
    yield* readTable(snapshot, trainData).pipe(
      Stream.runForEach(({ columns, rows }) =>
        Effect.suspend(() => {
          if (row + rows > pairs) return corrupt;
          const batchItems = integers(columns.item_idx);
          lastUser = count(integers(columns.user_idx), batchItems, lastUser, pointers, items);
          if (lastUser < 0) return corrupt;
          itemIdx.set(batchItems, row);
          ratings.set(columns.rating as ArrayLike<number>, row);
          row += rows;
          return Effect.void;
        }),
      ),
    );
    if (row !== pairs) return yield* corrupt;
    for (let user = 0; user < users; user++) pointers[user + 1] += pointers[user];
    return { users, items, pointers, itemIdx, ratings, snapshot };
  });

const wholeNumber = /^\d+$/;

/** Whether some id of an id map is a whole number. */
export const hasNumericIds = (snapshot: TrainingSnapshot, table: TableDefinition): Reading<boolean> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const version = yield* versionOf(snapshot, table);
    const [{ name }] = table.schema;
    const numeric = ({ columns, rows }: ColumnBatch): boolean => {
      const ids = columns[name] as ArrayLike<string>;
      for (let i = 0; i < rows; i++) if (wholeNumber.test(ids[i])) return true;
      return false;
    };
    const found = yield* tables
      .read(table.name, { columns: [name], version })
      .pipe(Stream.filter(numeric), Stream.runHead);
    return Option.isSome(found);
  });

/** The shop's ids by user index. */
export const readUserIds = (snapshot: TrainingSnapshot): Reading<ReadonlyArray<string>> =>
  Effect.flatMap(versionOf(snapshot, userMap), (version) => readIds(userMap, version));
