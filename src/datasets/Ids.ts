/**
 * Ids: the shop's ids and their indices as tables of a SQL session. Append-only: an id keeps its index for ever, new ids take
 * the next ones in order of their first appearance.
 */
import { Effect, Schema, Stream } from "effect";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { identifier, type Statement, sql } from "../ports/Statement.ts";
import { TableError, type Tables } from "../ports/Tables.ts";
import { ifThere } from "./IfThere.ts";
import { relation } from "./Relation.ts";
import { appendTable } from "./WriteTable.ts";

/** A table `name` of the session has all ids: columns id, idx and hash. */
export interface Ids {
  readonly name: string;
  readonly table: TableDefinition;
  /** Version of the stored map; undefined where there is none yet. */
  readonly version: number | undefined;
  /** So many ids are stored. */
  readonly stored: number;
  readonly size: number;
  /** No two ids have the same hash, so that it can stand for the id in a join. */
  readonly areApart: boolean;
}

const Counts = Schema.Struct({
  rows: Schema.BigIntFromSelf,
  indices: Schema.BigIntFromSelf,
  highest: Schema.NullOr(Schema.Number),
});

const Hashes = Schema.Struct({ ids: Schema.BigIntFromSelf, hashes: Schema.BigIntFromSelf });

export interface GatherIds {
  /** The stored map. */
  readonly table: TableDefinition;
  readonly name: "users" | "items";
  /** Rows of the columns id and place: new ids take the next indices in order of their first place. */
  readonly found: Statement;
  /** False: the map begins anew, whatever is stored. */
  readonly goesOn?: boolean;
}

/** Reads the stored map and adds what `found` has that it lacks. */
export const gatherIds = (
  session: SqlSession,
  { table, name, found, goesOn = true }: GatherIds,
): Effect.Effect<Ids, SqlError | TableError, Tables> =>
  Effect.gen(function* () {
    const [id, index] = table.schema;
    const ids = identifier(name);
    const kept = goesOn ? yield* ifThere(relation(table.name)) : undefined;
    const known =
      kept === undefined
        ? sql`(SELECT NULL::VARCHAR AS id, NULL::INTEGER AS idx WHERE false)`
        : sql`(SELECT ${identifier(id.name)} AS id, ${identifier(index.name)} AS idx FROM ${kept.statement})`;
    yield* session.run(sql`CREATE OR REPLACE TEMP TABLE ${ids} AS SELECT id, idx, hash(id) AS hash FROM ${known}`);
    const [counts] = yield* session.rows(
      Counts,
      sql`SELECT count(*) AS rows, count(DISTINCT idx) FILTER (idx >= 0) AS indices, max(idx) AS highest FROM ${ids}`,
    );
    const stored = Number(counts?.rows ?? 0n);
    if (Number(counts?.indices ?? 0n) !== stored || (counts?.highest ?? -1) !== stored - 1) {
      return yield* new TableError({
        reason: "Corrupt",
        table: table.name,
        message: `${table.name} holds ${stored} rows, but its indices are not 0 to ${stored - 1}, each once.`,
      });
    }
    const added = yield* session.run(sql`
      WITH first AS (SELECT id, min(place) AS place FROM (${found}) ANTI JOIN ${ids} USING (id) GROUP BY id)
      INSERT INTO ${ids} SELECT id, ${stored} + row_number() OVER (ORDER BY place, id) - 1, hash(id) FROM first`);
    const [{ hashes, ids: size } = { hashes: 0n, ids: 0n }] = yield* session.rows(
      Hashes,
      sql`SELECT count(*) AS ids, count(DISTINCT hash) AS hashes FROM ${ids}`,
    );
    return { name, table, version: kept?.version, stored, size: stored + added, areApart: hashes === size };
  }).pipe(Effect.scoped);

/** Those that are not stored, in the order of their indices. */
export const newIds = (session: SqlSession, { name, stored }: Ids): Stream.Stream<ReadonlyArray<string>, SqlError> =>
  session
    .stream(sql`SELECT id FROM ${identifier(name)} WHERE idx >= ${stored} ORDER BY idx`)
    .pipe(Stream.map(({ columns, rows }) => Array.from({ length: rows }, (_, row) => columns.id[row] as string)));

/** Joins `rows`' column `id` to the ids. Hashes are joined where they can be: ids may be long. */
export const joinIds = ({ areApart, name }: Ids, id: Statement): Statement => {
  const ids = identifier(name);
  return areApart ? sql`JOIN ${ids} ON hash(${id}) = ${ids}.hash` : sql`JOIN ${ids} ON ${id} = ${ids}.id`;
};

/** Appends the new ids; answers the table's version. Without new ids the table stays as it is. */
export const storeIds = (
  session: SqlSession,
  { name, size, stored, table, version }: Ids,
): Effect.Effect<number, SqlError | TableError, Tables> => {
  if (version !== undefined && size === stored) return Effect.succeed(version);
  const [id, index] = table.schema;
  const select = sql`
    SELECT id AS ${identifier(id.name)}, idx AS ${identifier(index.name)} FROM ${identifier(name)}
    WHERE idx >= ${stored} ORDER BY idx`;
  return Effect.map(appendTable({ session, table, select }), (written) => written.version);
};
