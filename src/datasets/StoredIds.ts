/** StoredIds: the shop's ids by their indices, as preprocess stored them. */
import { Chunk, Effect, Option, type Scope, Stream } from "effect";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import { TableError, Tables } from "../ports/Tables.ts";

/** The ids of the table's newest or given version, by index; fails as `Corrupt` unless each index 0 … n-1 has one id. */
export const readIds = (table: TableDefinition, version?: number): Effect.Effect<Array<string>, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const [{ name: idColumn }, { name: indexColumn }] = table.schema;
    const ids: Array<string> = [];
    let rows = 0;
    yield* tables.read(table.name, version === undefined ? {} : { version }).pipe(
      Stream.runForEach((batch) =>
        Effect.sync(() => {
          const names = batch.columns[idColumn] as ArrayLike<string>;
          const indices = batch.columns[indexColumn] as ArrayLike<number>;
          for (let i = 0; i < batch.rows; i++) ids[indices[i]] = names[i];
          rows += batch.rows;
        }),
      ),
    );
    if (ids.length !== rows || ids.includes(undefined as never)) {
      return yield* new TableError({
        reason: "Corrupt",
        table: table.name,
        message: `${table.name} holds ${rows} rows, but its indices are not 0 to ${rows - 1}, each once.`,
      });
    }
    return ids;
  });

/** The ids of the indices from `first` to `end` - 1, each call beginning where the last one ended; fewer where there are no more. */
export type TakeIds = (first: number, end: number) => Effect.Effect<ReadonlyArray<string>, TableError, Tables>;

/** As `readIds`, a few at a time; all at once only from where they are not stored in the order of their indices. */
export const idsInTurn = (
  table: TableDefinition,
  version: number,
): Effect.Effect<TakeIds, never, Tables | Scope.Scope> =>
  Effect.gen(function* () {
    const [{ name: idColumn }, { name: indexColumn }] = table.schema;
    const tables = yield* Tables;
    const pull = yield* Stream.toPull(tables.read(table.name, { version }));
    /** Of the indices from `from` on. */
    let read: Array<string> = [];
    let from = 0;
    let isWhole = false;

    const more = pull.pipe(
      Effect.map((batches) => Chunk.toReadonlyArray(batches)),
      Effect.catchAll(Option.match({ onNone: () => Effect.succeed([]), onSome: (error) => Effect.fail(error) })),
    );

    return (first, end) =>
      Effect.gen(function* () {
        read = read.slice(first - from);
        from = first;
        while (!isWhole && read.length < end - first) {
          const batches = yield* more;
          isWhole = batches.length === 0;
          for (const { columns, rows } of batches) {
            const names = columns[idColumn] as ArrayLike<string>;
            const indices = columns[indexColumn] as ArrayLike<number>;
            for (let i = 0; i < rows && !isWhole; i++) {
              isWhole = indices[i] !== from + read.length;
              if (!isWhole) read.push(names[i]);
            }
          }
          if (isWhole) read = (yield* readIds(table, version)).slice(first);
        }
        return read.slice(0, end - first);
      });
  });
