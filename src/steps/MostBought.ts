/**
 * MostBought: the articles with the most distinct buyers since a day.
 *
 * Counted are purchases of raw/transactions and raw/events whose time is possible, less what was taken back since that day; a
 * shop that has none yet (only clicks, say) has all its interactions counted.
 */
import { Effect, Schema, Stream } from "effect";
import { isOneOf, teaches, viewInteractions } from "../datasets/Interactions.ts";
import { relation } from "../datasets/Relation.ts";
import type { EventTypes } from "../domain/EventTypes.ts";
import { itemMap } from "../domain/TableSchemas.ts";
import type { InteractionTables, MostBought, Purchases, Span } from "../ports/BatchSteps.ts";
import { Sql, type SqlError, type SqlSession } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";

/** Which types are of what shoppers did with an item, and wanted. */
const doing = (types: EventTypes): ReadonlyArray<boolean> =>
  teaches(types).map((teaching, code) => teaching || types.buys[code]);
const secondsPerDay = 86_400;
/** Days by which t_dat, by which rows are found fast, may differ from the day of the row's time. */
const dayMargin = 2;

const Days = Schema.Struct({
  bought: Schema.Boolean,
  earliest: Schema.NullOr(Schema.Number),
  latest: Schema.NullOr(Schema.Number),
});

/** The days that purchases span, or, where there are none, all interactions; undefined for empty tables. */
const findSpan = (session: SqlSession, types: EventTypes): Effect.Effect<Span | undefined, SqlError> =>
  Effect.map(
    session.rows(
      Days,
      sql`
        SELECT ${isOneOf(types.buys)} AS bought, floor(min(time) / ${secondsPerDay}) AS earliest,
          floor(max(time) / ${secondsPerDay}) AS latest
        FROM (
          SELECT type, weight, time, is_possible FROM transaction_rows
          UNION ALL SELECT type, weight, time, is_possible FROM event_rows
        )
        WHERE is_possible AND (${isOneOf(doing(types))}) AND weight >= 0
        GROUP BY bought ORDER BY bought DESC`,
    ),
    ([first, ...others]) => {
      if (first === undefined || first.earliest === null || first.latest === null) return undefined;
      const all = first.bought ? [first] : [first, ...others];
      return {
        onlyPurchases: first.bought,
        earliest: Math.min(...all.map(({ earliest }) => earliest ?? 0)),
        latest: Math.max(...all.map(({ latest }) => latest ?? 0)),
      };
    },
  );

const Counted = Schema.Struct({
  item_idx: Schema.NullOr(Schema.Number),
  buyers: Schema.BigIntFromSelf,
  purchases: Schema.BigIntFromSelf,
  shoppers: Schema.BigIntFromSelf,
  as_of: Schema.NullOr(Schema.Number),
});

/** Counts what happened on or after `firstDay`: the items of most buyers first, ties by smaller index. */
const mostBought = (
  session: SqlSession,
  types: EventTypes,
  ids: Statement,
  { onlyPurchases }: Pick<Span, "onlyPurchases">,
  firstDay: number,
  most: number,
) =>
  Effect.gen(function* () {
    const first = firstDay * secondsPerDay;
    const returns = types.takesBack;
    const kind = isOneOf((onlyPurchases ? types.buys : doing(types)).map((is, code) => is || returns[code]));
    yield* session.run(sql`
      CREATE OR REPLACE TEMP TABLE counted AS
      SELECT customer_id, item_idx, sum(if(${isOneOf(types.buys.map((is, code) => is || returns[code]))}, bought, 1)) AS bought, max(time) AS as_of,
        count(*) FILTER (weight >= 0) AS purchases
      FROM (
        SELECT customer_id, article_id, type, weight, bought, time FROM transaction_rows
        WHERE t_dat >= DATE '1970-01-01' + ${Math.max(0, firstDay - dayMargin)} AND time >= ${first}::DOUBLE AND is_possible
        UNION ALL
        SELECT customer_id, article_id, type, weight, bought, time FROM event_rows
        WHERE time >= ${first}::DOUBLE AND is_possible
      )
      JOIN (SELECT article_id, item_idx FROM ${ids}) USING (article_id)
      WHERE ${kind}
      GROUP BY customer_id, item_idx`);
    const [all] = yield* session.rows(
      Counted,
      sql`
        SELECT NULL::INTEGER AS item_idx, 0::BIGINT AS buyers, coalesce(sum(purchases), 0)::BIGINT AS purchases,
          count(DISTINCT customer_id) AS shoppers, max(as_of) AS as_of FROM counted`,
    );
    const items = yield* session.rows(
      Counted,
      sql`
        SELECT item_idx, count(*) AS buyers, 0::BIGINT AS purchases, 0::BIGINT AS shoppers, NULL::DOUBLE AS as_of
        FROM counted SEMI JOIN offered USING (item_idx) WHERE bought > 0
        GROUP BY item_idx ORDER BY buyers DESC, item_idx LIMIT ${most}`,
    );
    return {
      items: items.map(({ item_idx, buyers }) => ({ itemIdx: item_idx ?? 0, buyers: Number(buyers) })),
      shoppers: Number(all?.shoppers ?? 0n),
      purchases: Number(all?.purchases ?? 0n),
      asOf: all?.as_of ?? 0,
    } satisfies MostBought;
  });

/** Makes the session's table `offered`: the item_idx of every item that may be recommended. */
const findOffered = (session: SqlSession, ids: Statement, listed: ReadonlySet<string> | undefined) =>
  Effect.gen(function* () {
    if (listed === undefined) return yield* session.run(sql`CREATE TEMP TABLE offered AS SELECT item_idx FROM ${ids}`);
    yield* session.load(
      "listed",
      [{ name: "article_id", type: "string", nullable: false }],
      Stream.make({ rows: listed.size, columns: { article_id: [...listed] } }),
    );
    return yield* session.run(
      sql`CREATE TEMP TABLE offered AS SELECT item_idx FROM ${ids} SEMI JOIN listed USING (article_id)`,
    );
  });

export interface ToCount {
  readonly tables: InteractionTables;
  /** The version of item_map. */
  readonly items: number;
  /** Ids of the items that may be recommended; undefined: all may. */
  readonly listed: ReadonlySet<string> | undefined;
}

/** Items that have no index yet are left out. */
export const findPurchases = ({ tables, items, listed }: ToCount) =>
  Effect.gen(function* () {
    const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
    yield* viewInteractions(session, tables);
    const ids = (yield* relation(itemMap.name, { version: items })).statement;
    yield* findOffered(session, ids, listed);
    const span = yield* findSpan(session, tables.types);
    return {
      span,
      mostBought: (firstDay, most) =>
        mostBought(session, tables.types, ids, { onlyPurchases: span?.onlyPurchases ?? false }, firstDay, most),
    } satisfies Purchases;
  });
