/** Tables in memory, to be read only. */
import { Effect, Layer, Stream } from "effect";
import type { ColumnBatch, Field } from "../../src/domain/Columns.ts";
import { TableError, Tables } from "../../src/ports/Tables.ts";

const unused = Effect.die("not part of the fake");

export interface FakeTable {
  readonly schema: ReadonlyArray<Field>;
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

const batchRows = 3;

export const fakeTables = (tables: Readonly<Record<string, FakeTable>>): Layer.Layer<Tables> => {
  const find = (table: string) =>
    tables[table] === undefined
      ? Effect.fail(new TableError({ reason: "NotFound", table, message: `no ${table}` }))
      : Effect.succeed(tables[table]);
  const batches = ({ schema, rows }: FakeTable, columns?: ReadonlyArray<string>): ReadonlyArray<ColumnBatch> =>
    Array.from({ length: Math.ceil(rows.length / batchRows) }, (_, i) => {
      const slice = rows.slice(i * batchRows, (i + 1) * batchRows);
      const names = columns ?? schema.map(({ name }) => name);
      return {
        rows: slice.length,
        columns: Object.fromEntries(names.map((name) => [name, slice.map((row) => row[name] ?? null)])),
      };
    });
  return Layer.succeed(
    Tables,
    Tables.of({
      snapshot: (table) =>
        Effect.map(find(table), ({ schema, rows }) => ({
          version: 0,
          schema,
          rows: rows.length,
          files: 1,
          bytes: 0,
          writtenAt: 1.6e12,
          transactions: new Map(),
        })),
      read: (table, options) =>
        Stream.unwrap(Effect.map(find(table), (found) => Stream.fromIterable(batches(found, options?.columns)))),
      list: unused,
      files: () => unused,
      fileNames: () => unused,
      onlyGrew: () => unused,
      overwriteFiles: () => unused,
      appendFiles: () => unused,
      overwrite: () => unused,
      append: () => unused,
      replaceFiles: () => unused,
      compact: () => unused,
      writable: () => unused,
      vacuum: () => unused,
      drop: () => unused,
    }),
  );
};
