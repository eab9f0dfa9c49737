/** Tables in memory, with their versions: for properties that write many. */
import { Chunk, Effect, Layer, Stream } from "effect";
import type { ColumnBatch, Field } from "../../src/domain/Columns.ts";
import { TableError, Tables } from "../../src/ports/Tables.ts";

const unused = Effect.dieMessage("there are no files in memory");

interface Version {
  readonly schema: ReadonlyArray<Field>;
  readonly batches: ReadonlyArray<ColumnBatch>;
  readonly transactions: ReadonlyMap<string, bigint>;
}

/** `writtenAt` in Unix milliseconds, of every version. */
export const memoryTables = (writtenAt: number): Layer.Layer<Tables> =>
  Layer.sync(Tables, () => {
    const tables = new Map<string, Array<Version>>();
    const find = (table: string, version?: number) => {
      const versions = tables.get(table) ?? [];
      const found = versions[version ?? versions.length - 1];
      return found === undefined
        ? Effect.fail(new TableError({ reason: "NotFound", table, message: `no ${table}` }))
        : Effect.succeed(found);
    };
    const add = (table: string, version: Version): number => {
      const versions = tables.get(table) ?? [];
      tables.set(table, versions);
      return versions.push(version) - 1;
    };
    return Tables.of({
      list: Effect.sync(() => [...tables.keys()].sort()),
      files: () => unused,
      fileNames: () => unused,
      onlyGrew: () => unused,
      overwriteFiles: () => unused,
      appendFiles: () => unused,
      snapshot: (table, version) =>
        Effect.map(find(table, version), ({ schema, batches, transactions }) => ({
          version: version ?? (tables.get(table) ?? []).length - 1,
          schema,
          rows: batches.reduce((sum, { rows }) => sum + rows, 0),
          files: batches.length,
          bytes: 0,
          writtenAt,
          transactions,
        })),
      read: (table, options) =>
        Stream.unwrap(Effect.map(find(table, options?.version), ({ batches }) => Stream.fromIterable(batches))),
      overwrite: (table, schema, batches) =>
        Effect.map(Stream.runCollect(batches), (rows) =>
          add(table, { schema, batches: Chunk.toReadonlyArray(rows), transactions: new Map() }),
        ),
      append: (table, schema, batches, transactions = []) =>
        Effect.map(Stream.runCollect(batches), (rows) => {
          const before = tables.get(table)?.at(-1);
          return add(table, {
            schema,
            batches: [...(before?.batches ?? []), ...rows],
            transactions: new Map([
              ...(before?.transactions ?? []),
              ...transactions.map(({ appId, next }): [string, bigint] => [appId, next]),
            ]),
          });
        }),
      replaceFiles: () => Effect.dieMessage("not used"),
      compact: () => Effect.succeed(0),
      vacuum: () => Effect.succeed(0),
      writable: () => Effect.void,
      drop: (table) => Effect.sync(() => tables.delete(table)),
    });
  });
