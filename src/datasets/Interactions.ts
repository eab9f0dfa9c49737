/**
 * Interactions: the rows of raw/transactions and raw/events in one shape, as views of a SQL session.
 *
 * `transaction_rows` and `event_rows` have the columns
 * - place: whole numbers that grow in the order of the input: raw/transactions as it stands, then raw/events, log by log (the
 *   one that began first comes first), partition by partition, by offset, however their files were merged;
 * - customer_id, article_id; type: its code in the `EventTypes`, a missing type is the usual one, -1 an unknown one;
 * - weight: in millionths. The row's own, or else that of its type, times the pieces; what takes back has one below 0, and so has a
 *   row of a type that buys whose pieces were returned; every other row at least 0, and what hides, or is only shown, 0;
 * - bought: in millionths, what the row adds to what was bought; a purchase of no weight adds one millionth;
 * - time: unix seconds; without a time of day it is midnight UTC; is_possible: see `domain/EventTime.ts`; a row that does not
 *   say when it arrived did when the newest of its table was written.
 * `transaction_rows` also has t_dat; `event_rows` has event_id, log_partition, arrived_at (unix seconds, or null in rows of version 0.1) and position, its row
 * in the table: a log of version 0.1, which had no name, may have begun anew, so that two events have one place.
 */
import { type ConfigError, Effect, Schema, type Scope } from "effect";
import { aheadSeconds, earliestTime } from "../domain/EventTime.ts";
import { codesOf, type EventTypes, pieceMillionths } from "../domain/EventTypes.ts";
import { rawEvents, rawTransactions, type TableDefinition } from "../domain/TableSchemas.ts";
import { learning } from "../learning/Settings.ts";
import { type InteractionTables, nothingRead, type ReadBefore } from "../ports/BatchSteps.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { inlined, joined, type Statement, sql } from "../ports/Statement.ts";
import { type TableError, type TableSnapshot, Tables } from "../ports/Tables.ts";
import { ifThere } from "./IfThere.ts";
import { everybody, type LeftOut } from "./LeftOut.ts";
import { emptyRelation, relation } from "./Relation.ts";

export const rowsIn = ({ transactions, events }: InteractionTables): number =>
  (transactions?.rows ?? 0) + (events?.rows ?? 0);

/** The newest versions of both tables, and the types of events as they are set. */
export const interactionTables: Effect.Effect<InteractionTables, TableError | ConfigError.ConfigError, Tables> =
  Effect.flatMap(Tables, (tables) =>
    Effect.all({
      transactions: ifThere(tables.snapshot(rawTransactions.name)),
      events: ifThere(tables.snapshot(rawEvents.name)),
      types: learning.eventTypes.config,
    }),
  );

/** Whether `type` is one of those of which `which` is true. */
export const isOneOf = (which: ReadonlyArray<boolean>, type: Statement = sql`type`): Statement => {
  const codes = codesOf(which);
  return codes.length === 0
    ? sql`false`
    : codes.length === 1
      ? sql`${type} = ${codes[0]}`
      : sql`${type} IN (${joined(
          codes.map((code) => sql`${code}`),
          ", ",
        )})`;
};

/** Which types teach, by code. */
export const teaches = ({ weights }: EventTypes): ReadonlyArray<boolean> => weights.map((weight) => weight > 0);

/** Rows that count have a possible time, and a known type that does something, or a weight. */
export const counts = ({ isIdle }: EventTypes): Statement =>
  isIdle.includes(true)
    ? sql`is_possible AND (type >= 0 AND NOT (${isOneOf(isIdle)}) OR weight <> 0)`
    : sql`is_possible AND (type >= 0 OR weight <> 0)`;

/** And rows of a type that is shown. */
export const countsOrShows = (types: EventTypes): Statement =>
  types.shows.includes(true) ? sql`(${counts(types)} OR is_possible AND ${isOneOf(types.shows)})` : counts(types);

export const millionth = 1_000_000;

/** No single row weighs more than a billion. */
export const heaviest = 10n ** 15n;

const typeOf = ({ names, usual }: EventTypes): Statement =>
  sql`CASE event_type ${joined(
    names.map((type, code) => sql`WHEN ${type} THEN ${code}`),
    " ",
  )} ELSE if(event_type IS NULL, ${usual}, -1) END::TINYINT`;

const weightOfType = (types: EventTypes): Statement =>
  sql`CASE type ${joined(
    pieceMillionths(types).map((weight, code) => sql`WHEN ${code} THEN ${weight}`),
    " ",
  )} ELSE 0 END::BIGINT`;

const isPossible = (arrival: Statement): Statement =>
  sql`time >= ${earliestTime} AND time <= ${arrival} + ${aheadSeconds}`;

/** What a row of the type adds to what was bought, or takes off. */
export const boughtBy = ({ buys, takesBack }: EventTypes, type: Statement = sql`type`): Statement =>
  takesBack.includes(true)
    ? sql`CASE WHEN ${isOneOf(buys, type)} THEN if(weight = 0, 1, weight)
        WHEN ${isOneOf(takesBack, type)} THEN if(weight = 0, -1, weight) ELSE 0 END`
    : sql`if(${isOneOf(buys, type)}, if(weight = 0, 1, weight), 0)`;

const ownWeight = sql`TRY_CAST(round(weight * ${millionth}) AS BIGINT)`;

/** Only what buys can be below 0 by itself; what takes back takes off what is given, and of what neither teaches nor buys it is nothing. */
const weightOf = (types: EventTypes): Statement => {
  const { buys, hides, isIdle, takesBack } = types;
  const silent = isIdle.map((is, code) => is || hides[code]);
  return sql`CASE
  ${silent.includes(true) ? sql`WHEN ${isOneOf(silent)} THEN 0` : sql``}
  WHEN own IS NULL THEN ${weightOfType(types)}
  ${takesBack.includes(true) ? sql`WHEN ${isOneOf(takesBack)} THEN greatest(least(own, -greatest(own, ${-heaviest})), ${-heaviest})` : sql``}
  ELSE least(greatest(own, if(${isOneOf(buys)}, ${-heaviest}, 0)), ${heaviest}) END`;
};

/** `rows`: columns place, customer_id, article_id, event_type, time, weight (null: that of the type). */
const transactionRows = (types: EventTypes, rows: Statement, writtenAt: Statement): Statement => sql`
  WITH typed AS (SELECT * EXCLUDE (weight), ${typeOf(types)} AS type, ${ownWeight} AS own FROM ${rows}),
  weighed AS (SELECT * EXCLUDE (own), ${weightOf(types)} AS weight FROM typed)
  SELECT place, customer_id, article_id, type, weight, ${boughtBy(types)} AS bought, time, ${isPossible(writtenAt)} AS is_possible, t_dat
  FROM weighed`;

const eventRows = (types: EventTypes, rows: Statement, writtenAt: Statement): Statement => sql`
  WITH typed AS (SELECT *, ${typeOf(types)} AS type FROM ${rows}),
  weighed AS (SELECT *, ${weightOfType(types)} * coalesce(quantity, 1) AS weight FROM typed)
  SELECT place, customer_id, article_id, type, weight, ${boughtBy(types)} AS bought, time,
    ${isPossible(sql`coalesce(arrived_at, ${writtenAt})`)} AS is_possible, event_id, log_partition, arrived_at, position
  FROM weighed`;

/** Places of events are above those of transactions: a log has 2^50 of them, a partition 2^38. */
export const eventPlaces = 2n ** 62n;
const [logPlaces, partitionPlaces] = [2n ** 50n, 2n ** 38n];

const Log = Schema.Struct({ log: Schema.String });

/** The logs that the rows come from, the oldest first: "" in rows of version 0.1, which named none. */
const logsOf = (session: SqlSession, events: Statement) =>
  Effect.map(
    session.rows(
      Log,
      sql`SELECT coalesce(log_id, '') AS log FROM ${events} GROUP BY log ORDER BY min(coalesce(arrived_at, 0)), log`,
    ),
    (rows) => rows.map(({ log }) => log),
  );

const placed = (logs: ReadonlyArray<string>): Statement => {
  if (logs.length === 0) return sql`0::BIGINT`;
  const number = sql`CASE coalesce(log_id, '') ${joined(
    logs.map((log, i) => sql`WHEN ${log} THEN ${i}`),
    " ",
  )} END::BIGINT`;
  const inLog = sql`${number} * ${logPlaces} + log_partition * ${partitionPlaces} + log_offset`;
  return sql`${eventPlaces} + coalesce(${inLog}, position)`;
};

const isNew = ({ offsets }: ReadBefore): Statement =>
  offsets.length === 0
    ? sql`true`
    : sql`log_offset >= coalesce(CASE ${joined(
        offsets.map(
          ({ log, partition, next }) =>
            sql`WHEN coalesce(log_id, '') = ${log} AND log_partition = ${partition} THEN ${next}`,
        ),
        " ",
      )} END, 0)`;

/** A column that a foreign table lacks is null. */
const columnsOf = ({ schema }: TableDefinition, names: ReadonlyArray<string>) =>
  schema
    .filter(({ name }) => names.includes(name))
    .map((field) => ({
      ...field,
      nullable: field.nullable || !["customer_id", "article_id", "t_dat"].includes(field.name),
    }));

export const transactionColumns = columnsOf(rawTransactions, [
  "t_dat",
  "customer_id",
  "article_id",
  "event_type",
  "timestamp",
  "weight",
]);

export const eventColumns = columnsOf(rawEvents, [
  "t_dat",
  "customer_id",
  "article_id",
  "event_type",
  "timestamp",
  "quantity",
  "event_id",
  "log_partition",
  "log_offset",
  "arrived_at",
  "log_id",
]);

const writtenAt = (snapshot: TableSnapshot | undefined): Statement => sql`${(snapshot?.writtenAt ?? 0) / 1000}::DOUBLE`;

const view = (session: SqlSession, name: "transaction_rows" | "event_rows", statement: Statement) =>
  session.run(
    inlined(
      sql`CREATE OR REPLACE TEMP VIEW ${name === "event_rows" ? sql`event_rows` : sql`transaction_rows`} AS ${statement}`,
    ),
  );

/**
 * Makes the views, of all rows or of those that were not read before, without what is left out. The tables' files stay until
 * the scope closes.
 */
export const viewInteractions = (
  session: SqlSession,
  { transactions, events, types }: InteractionTables,
  before = nothingRead,
  { without }: Pick<LeftOut, "without"> = everybody,
): Effect.Effect<void, SqlError | TableError, Tables | Scope.Scope> =>
  Effect.gen(function* () {
    const of = (
      table: TableDefinition,
      snapshot: TableSnapshot | undefined,
      columns: typeof rawEvents.schema,
      position: string,
    ) =>
      snapshot === undefined
        ? Effect.succeed(emptyRelation(columns, position))
        : Effect.map(
            relation(table.name, {
              columns,
              version: snapshot.version,
              position,
              skip: table === rawTransactions ? before.files : 0,
            }),
            ({ statement }) => without(table.name, statement, [...columns.map(({ name }) => name), position]),
          );
    const bought = yield* of(rawTransactions, transactions, transactionColumns, "place");
    const timed = sql`(SELECT * EXCLUDE ("timestamp"), coalesce("timestamp", epoch(t_dat)) AS time FROM ${bought})`;
    yield* view(session, "transaction_rows", transactionRows(types, timed, writtenAt(transactions)));
    const archived = yield* of(rawEvents, events, eventColumns, "position");
    const place = placed(yield* logsOf(session, archived));
    const inOrder = sql`(
      SELECT *, ${place} AS place, coalesce("timestamp", epoch(t_dat)) AS time FROM ${archived} WHERE ${isNew(before)})`;
    yield* view(session, "event_rows", eventRows(types, inOrder, writtenAt(events)));
  });
