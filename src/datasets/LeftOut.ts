/**
 * LeftOut: the rows of whoever is forgotten, left out of what is read of tables, from the moment at which it is said: the next batch
 * removes them.
 *
 * Ids are told by their salted hashes, of distinct ids alone. What names users by their index goes by the map of users.
 */
import { Effect } from "effect";
import { saltedHash, type Tombstone } from "../domain/Forgotten.ts";
import { rawCustomers, rawEvents, rawTransactions, userMap } from "../domain/TableSchemas.ts";
import { Forgotten, type ForgottenError } from "../ports/Forgotten.ts";
import { identifier, joined, type SqlValue, type Statement, sql } from "../ports/Statement.ts";

/** Whether a row of before is meant, by the table. What the archive has of the word's own log is told by its place there. */
const isBefore: Readonly<Record<string, Statement>> = {
  [rawEvents.name]: sql`if(log_id = word_log AND log_partition = word_partition, log_offset < word_offset,
    coalesce(arrived_at, "timestamp") <= until_time)`,
  [rawTransactions.name]: sql`coalesce("timestamp", epoch(t_dat)) <= until_time`,
  // Says of nobody when that was.
  [rawCustomers.name]: sql`true`,
};

/** Whether a row of the table is of before what `gone`, a tombstone or nulls, says. */
export const isBeforeIn = (table: string): Statement =>
  sql`(gone.hash IS NOT NULL AND coalesce(${isBefore[table] ?? sql`false`}, true))`;

/** What is needed of a row to tell whether it is of before; null where a table lacks it. */
const asked: Readonly<Record<string, ReadonlyArray<readonly [name: string, type: Statement]>>> = {
  [rawEvents.name]: [
    ["log_id", sql`VARCHAR`],
    ["log_partition", sql`INTEGER`],
    ["log_offset", sql`BIGINT`],
    ["arrived_at", sql`DOUBLE`],
    ["timestamp", sql`DOUBLE`],
  ],
  [rawTransactions.name]: [
    ["timestamp", sql`DOUBLE`],
    ["t_dat", sql`DATE`],
  ],
  [rawCustomers.name]: [],
};

export interface LeftOut {
  /** The rows of a table, given with the names of their columns, without those of whoever is forgotten; nothing else changes. */
  readonly without: (table: string, rows: Statement, columns: ReadonlyArray<string>) => Statement;
  /** Rows that name users by index in `column`, without whoever the next batch takes out of `map`, the map of users. */
  readonly withoutIndices: (rows: Statement, column: string, map: Statement) => Statement;
}

/** Where nobody is forgotten. */
export const everybody: LeftOut = { without: (_, rows) => rows, withoutIndices: (rows) => rows };

const values = (tombstones: ReadonlyArray<Tombstone>): Statement =>
  joined(
    tombstones.map(({ forgottenAt, hash, place }) => {
      const row: ReadonlyArray<SqlValue | null> = [hash, forgottenAt, place?.log ?? null, place?.partition ?? null];
      const offset = place === undefined ? sql`NULL` : sql`${place.offset}`;
      return sql`(${joined(row.map((value) => (value === null ? sql`NULL` : sql`${value}`)))}, ${offset}::BIGINT)`;
    }),
  );

/** Distinct ids of `rows` with their tombstones, as `gone`. */
const goneIn = (salt: string, rows: Statement, tombstones: ReadonlyArray<Tombstone>): Statement => sql`(
  SELECT customer_id AS gone_id, tombstones.*
  FROM (SELECT DISTINCT customer_id FROM ${rows})
  JOIN (VALUES ${values(tombstones)}) AS tombstones (hash, until_time, word_log, word_partition, word_offset)
    ON sha256(concat(${salt}, customer_id)) = hash) AS gone`;

/** Whom the map of users still names. */
const pendingOf = (tombstones: ReadonlyArray<Tombstone>): ReadonlyArray<Tombstone> =>
  tombstones.filter(({ done }) => done.user_map === undefined);

const leaving = (salt: string, tombstones: ReadonlyArray<Tombstone>): LeftOut => {
  const pending = pendingOf(tombstones);
  return {
    without: (table, rows, columns) => {
      const own = joined(columns.map((name) => sql`named.${identifier(name)}`));
      if (table === userMap.name && pending.length > 0) {
        return sql`(SELECT ${own} FROM ${rows} AS named ANTI JOIN ${goneIn(salt, rows, pending)} ON customer_id = gone_id)`;
      }
      const needed = asked[table];
      if (needed === undefined || !columns.includes("customer_id")) return rows;
      const lacking = needed.filter(([name]) => !columns.includes(name));
      const whole = sql`(SELECT ${joined([sql`*`, ...lacking.map(([name, type]) => sql`NULL::${type} AS ${identifier(name)}`)])} FROM ${rows})`;
      return sql`(
        SELECT ${own} FROM ${whole} AS named LEFT JOIN ${goneIn(salt, rows, tombstones)} ON customer_id = gone_id
        WHERE NOT ${isBeforeIn(table)})`;
    },
    withoutIndices: (rows, column, map) =>
      pending.length === 0
        ? rows
        : sql`(SELECT * FROM ${rows} WHERE ${identifier(column)} NOT IN (
            SELECT user_idx FROM ${map} JOIN ${goneIn(salt, map, pending)} ON customer_id = gone_id))`,
  };
};

/** By all who were ever forgotten; costs nothing where nobody was. */
export const leftOut: Effect.Effect<LeftOut, ForgottenError, Forgotten> = Effect.gen(function* () {
  const { all, salt } = yield* Forgotten;
  const tombstones = yield* all;
  return tombstones.length === 0 ? everybody : leaving(yield* salt, tombstones);
});

/** Of ids that the map of users names, those whom the next batch leaves there. Asks who is forgotten at most once a second. */
export const mappedStill: Effect.Effect<
  (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, ForgottenError>,
  never,
  Forgotten
> = Effect.gen(function* () {
  const { all, salt } = yield* Forgotten;
  const known = yield* Effect.cachedWithTTL(all, "1 second");
  return Effect.fnUntraced(function* (ids) {
    const hashes = new Set(pendingOf(yield* known).map(({ hash }) => hash));
    if (hashes.size === 0) return ids;
    const itsSalt = yield* salt;
    return ids.filter((id) => !hashes.has(saltedHash(itsSalt, id)));
  });
});
