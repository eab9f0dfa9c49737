/** Purchases: how often an item was bought, by how many, and when last, as the raw tables and archived events have it. */
import { Effect, Schema } from "effect";
import { ifThere } from "../../datasets/IfThere.ts";
import { eventColumns, transactionColumns } from "../../datasets/Interactions.ts";
import { emptyRelation, relation } from "../../datasets/Relation.ts";
import type { Field } from "../../domain/Columns.ts";
import { aheadSeconds } from "../../domain/EventTime.ts";
import type { EventTypes } from "../../domain/EventTypes.ts";
import { rawEvents, rawTransactions, type TableDefinition } from "../../domain/TableSchemas.ts";
import { Sql } from "../../ports/Sql.ts";
import { joined, type Statement, sql } from "../../ports/Statement.ts";
import { Tables } from "../../ports/Tables.ts";

export const purchaseDays = 30;

export interface Purchases {
  /** Unix seconds: from which days are counted back. */
  readonly asOf: number;
  readonly shoppers: number;
  readonly purchases: number;
  readonly shoppersEver: number;
  readonly purchasesEver: number;
  readonly lastAt: number | null;
}

const Row = Schema.Struct({
  last: Schema.NullOr(Schema.Number),
  shoppers: Schema.Int,
  purchases: Schema.Int,
  shoppers_ever: Schema.Int,
  purchases_ever: Schema.Int,
});

const rowsOf = ({ name }: TableDefinition, columns: ReadonlyArray<Field>) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const found = yield* ifThere(tables.snapshot(name));
    return found === undefined ? undefined : (yield* relation(name, { columns, version: found.version })).statement;
  });

/** Rows of one item that are purchases; `id`: what is one purchase, whenever it was sent again. */
const bought = (rows: Statement, article: string, buying: ReadonlyArray<string | null>, id: Statement): Statement => {
  const named = buying.filter((name) => name !== null);
  const isNamed = named.length === 0 ? sql`false` : sql`event_type IN (${joined(named.map((name) => sql`${name}`))})`;
  const isBuying = buying.includes(null) ? sql`(event_type IS NULL OR ${isNamed})` : isNamed;
  return sql`SELECT customer_id, coalesce("timestamp", epoch(t_dat))::DOUBLE AS time, ${id} AS id
    FROM ${rows} WHERE article_id = ${article} AND ${isBuying}`;
};

/**
 * Undefined where this process has no tables. Days are counted back from `newest` (unix seconds), or from the item's own last
 * purchase where that is later. Times that no event can have, later than a day after `now`, count for nothing.
 */
export const purchasesOf = (itemId: string, { buys, names, usual }: EventTypes, newest: number, now: number) =>
  Effect.gen(function* () {
    const transactions = yield* rowsOf(rawTransactions, transactionColumns);
    const events = yield* rowsOf(rawEvents, eventColumns);
    if (transactions === undefined && events === undefined) return undefined;
    const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
    const buying = [...names.filter((_, code) => buys[code]), ...(buys[usual] ? [null] : [])];
    const all = sql`
      ${bought(transactions ?? emptyRelation(transactionColumns), itemId, buying, sql`NULL::VARCHAR`)} UNION ALL
      ${bought(events ?? emptyRelation(eventColumns), itemId, buying, sql`event_id`)}`;
    const count = (when: Statement) =>
      sql`(count(DISTINCT id) FILTER (${when}) + count(*) FILTER (id IS NULL AND ${when}))::INTEGER`;
    const [found] = yield* session.rows(
      Row,
      sql`WITH bought AS (${all}),
        possible AS (SELECT * FROM bought WHERE time <= ${now + aheadSeconds}),
        dated AS (SELECT *, greatest(max(time) OVER (), ${newest}) - ${purchaseDays * 86_400} AS since FROM possible)
        SELECT max(time) AS last,
          count(DISTINCT customer_id) FILTER (time > since)::INTEGER AS shoppers, ${count(sql`time > since`)} AS purchases,
          count(DISTINCT customer_id)::INTEGER AS shoppers_ever, ${count(sql`true`)} AS purchases_ever FROM dated`,
    );
    if (found === undefined) return undefined;
    const { last, purchases, purchases_ever, shoppers, shoppers_ever } = found;
    return {
      ...{ asOf: Math.max(newest, last ?? 0), shoppers, purchases },
      ...{ shoppersEver: shoppers_ever, purchasesEver: purchases_ever, lastAt: last },
    } satisfies Purchases as Purchases;
  }).pipe(Effect.scoped);
