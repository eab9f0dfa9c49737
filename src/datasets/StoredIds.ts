/** StoredIds: the shop's ids by their indices, as preprocess stored them. */
import { Effect, Stream } from "effect";
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
