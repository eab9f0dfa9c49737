/**
 * Purchases: how often an item was bought, by how many, and when last, as the raw tables and archived events have it; whoever is
 * forgotten did not.
 */
import { Effect, Schema } from "effect";
import { ifThere } from "../../datasets/IfThere.ts";
import { eventColumns, transactionColumns } from "../../datasets/Interactions.ts";
import { type LeftOut, leftOut } from "../../datasets/LeftOut.ts";
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

interface Source {
  readonly table: TableDefinition;
  readonly columns: ReadonlyArray<Field>;
  /** What is one purchase, whenever it was sent again. */
  readonly id: Statement;
}

const sources: ReadonlyArray<Source> = [
  { table: rawTransactions, columns: transactionColumns, id: sql`NULL::VARCHAR` },
  { table: rawEvents, columns: eventColumns, id: sql`event_id` },
];

const rowsOf = ({ columns, table: { name } }: Source) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const found = yield* ifThere(tables.snapshot(name));
    return found === undefined ? undefined : (yield* relation(name, { columns, version: found.version })).statement;
  });

/** Rows of one item that are purchases. Whose they are is looked up once they are few. */
const bought = (
  { columns, id, table: { name } }: Source,
  rows: Statement,
  article: string,
  buying: ReadonlyArray<string | null>,
  { without }: LeftOut,
): Statement => {
  const named = buying.filter((type) => type !== null);
  const isNamed = named.length === 0 ? sql`false` : sql`event_type IN (${joined(named.map((type) => sql`${type}`))})`;
  const isBuying = buying.includes(null) ? sql`(event_type IS NULL OR ${isNamed})` : isNamed;
  const ofItem = sql`(SELECT * FROM ${rows} WHERE article_id = ${article} AND ${isBuying})`;
  const left = without(
    name,
    ofItem,
    columns.map((column) => column.name),
  );
  return sql`SELECT customer_id, coalesce("timestamp", epoch(t_dat))::DOUBLE AS time, ${id} AS id FROM ${left}`;
};

/**
 * Undefined where this process has no tables. Days are counted back from `newest` (unix seconds), or from the item's own last
 * purchase where that is later. Times that no event can have, later than a day after `now`, count for nothing.
 */
export const purchasesOf = (itemId: string, { buys, names, usual }: EventTypes, newest: number, now: number) =>
  Effect.gen(function* () {
    const found = yield* Effect.forEach(sources, rowsOf);
    if (found.every((rows) => rows === undefined)) return undefined;
    const others = yield* leftOut;
    const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
    const buying = [...names.filter((_, code) => buys[code]), ...(buys[usual] ? [null] : [])];
    const [transactions, events] = sources.map((source, at) =>
      bought(source, found[at] ?? emptyRelation(source.columns), itemId, buying, others),
    );
    const count = (when: Statement) =>
      sql`(count(DISTINCT id) FILTER (${when}) + count(*) FILTER (id IS NULL AND ${when}))::INTEGER`;
    const [counts] = yield* session.rows(
      Row,
      sql`WITH bought AS (${transactions} UNION ALL ${events}),
        possible AS (SELECT * FROM bought WHERE time <= ${now + aheadSeconds}),
        dated AS (SELECT *, greatest(max(time) OVER (), ${newest}) - ${purchaseDays * 86_400} AS since FROM possible)
        SELECT max(time) AS last,
          count(DISTINCT customer_id) FILTER (time > since)::INTEGER AS shoppers, ${count(sql`time > since`)} AS purchases,
          count(DISTINCT customer_id)::INTEGER AS shoppers_ever, ${count(sql`true`)} AS purchases_ever FROM dated`,
    );
    if (counts === undefined) return undefined;
    const { last, purchases, purchases_ever, shoppers, shoppers_ever } = counts;
    return {
      ...{ asOf: Math.max(newest, last ?? 0), shoppers, purchases },
      ...{ shoppersEver: shoppers_ever, purchasesEver: purchases_ever, lastAt: last },
    } satisfies Purchases as Purchases;
  }).pipe(Effect.scoped);
