/** IdMap: the shop's ids and their indices. Append-only: an id keeps its index for ever, new ids take the next ones. */
import { Effect, Option, Stream } from "effect";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import { type ColumnBatch, TableError, Tables } from "../ports/Tables.ts";

export interface IdMap {
  /** The index of `id`, a new one when it has none. */
  readonly indexOf: (id: string) => number;
  readonly find: (id: string) => number | undefined;
  readonly size: () => number;
  /** How many ids the table holds already. */
  readonly stored: number;
  /** By index. */
  readonly ids: () => ReadonlyArray<string>;
}

const batchRows = 1 << 16;

/** `undefined` where there is no such table (or version). */
export const ifThere = <A, R>(effect: Effect.Effect<A, TableError, R>): Effect.Effect<A | undefined, TableError, R> =>
  Effect.catchIf(
    effect,
    (error) => error.reason === "NotFound",
    () => Effect.succeed(undefined),
  );

const columnsOf = (table: TableDefinition) => table.schema.map((field) => field.name) as [string, string];

/** The ids of the table's newest or given version, by index; fails as `Corrupt` unless each index 0 … n-1 has one id. */
export const readIds = (table: TableDefinition, version?: number): Effect.Effect<Array<string>, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const [idColumn, indexColumn] = columnsOf(table);
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

export const makeIdMap = (ids: Array<string>): IdMap => {
  const indices = new Map<string, number>();
  for (let i = 0; i < ids.length; i++) indices.set(ids[i], i);
  return {
    indexOf: (id) => {
      const known = indices.get(id);
      if (known !== undefined) return known;
      indices.set(id, ids.length);
      return ids.push(id) - 1;
    },
    find: (id) => indices.get(id),
    size: () => ids.length,
    stored: ids.length,
    ids: () => ids,
  };
};

/** The map as it is stored; empty where there is none yet. */
export const loadIdMap = (table: TableDefinition): Effect.Effect<IdMap, TableError, Tables> =>
  readIds(table).pipe(
    ifThere,
    Effect.map((ids) => makeIdMap(ids ?? [])),
  );

const newRows = (table: TableDefinition, map: IdMap): Stream.Stream<ColumnBatch> => {
  const [idColumn, indexColumn] = columnsOf(table);
  return Stream.unfold(map.stored, (from) => {
    const rows = Math.min(batchRows, map.size() - from);
    if (rows <= 0) return Option.none();
    const columns = {
      [idColumn]: map.ids().slice(from, from + rows),
      [indexColumn]: Int32Array.from({ length: rows }, (_, i) => from + i),
    };
    return Option.some([{ rows, columns }, from + rows] as const);
  });
};

/** Appends the new ids; answers the table's version. Without new ids the table stays as it is. */
export const storeIdMap = (table: TableDefinition, map: IdMap): Effect.Effect<number, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const snapshot = yield* ifThere(tables.snapshot(table.name));
    if (snapshot !== undefined && map.size() === map.stored) return snapshot.version;
    return yield* tables.append(table.name, table.schema, newRows(table, map));
  });
