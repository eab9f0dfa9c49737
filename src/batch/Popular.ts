/**
 * Popular: the articles with the most distinct buyers in the days before the latest purchase.
 *
 * The window holds the latest purchase day and the `POPULAR_DAYS` days before it; where fewer articles were bought in it
 * than the list is long, it is doubled until enough were or all history is in it. Counted are purchases of
 * raw/transactions and raw/events whose time is possible, less what was taken back within the window; a shop that has none
 * yet (only clicks, say) has all its interactions counted.
 */
import { Clock, type ConfigError, Effect, Schema, Stream } from "effect";
import { popularDays } from "../config/Shared.ts";
import { namingDamage } from "../datasets/Damage.ts";
import { ifThere } from "../datasets/IfThere.ts";
import { interactionTables, viewInteractions } from "../datasets/Interactions.ts";
import { listedIds } from "../datasets/ItemsFile.ts";
import { relation } from "../datasets/Relation.ts";
import { eventTypeCode } from "../domain/Event.ts";
import { itemMap, rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import { Popular, type PopularError, type PopularItems } from "../ports/Popular.ts";
import { Progress } from "../ports/Progress.ts";
import { Sql, type SqlError, type SqlSession } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";
import { TableError, type Tables } from "../ports/Tables.ts";

export interface PopularSummary extends PopularItems {
  /** Purchases within the window. */
  readonly purchases: number;
  readonly seconds: number;
}

/** Length of the list. */
export const popularItems = 50;

const purchase = eventTypeCode("purchase");
const secondsPerDay = 86_400;
/** Days by which t_dat, by which rows are found fast, may differ from the day of the row's time. */
const dayMargin = 2;

interface Span {
  readonly onlyPurchases: boolean;
  /** Days since 1970-01-01. */
  readonly earliest: number;
  readonly latest: number;
}

const Days = Schema.Struct({
  bought: Schema.Boolean,
  earliest: Schema.NullOr(Schema.Number),
  latest: Schema.NullOr(Schema.Number),
});

/** The days that purchases span, or, where there are none, all interactions; undefined for empty tables. */
const findSpan = (session: SqlSession): Effect.Effect<Span | undefined, SqlError> =>
  Effect.map(
    session.rows(
      Days,
      sql`
        SELECT type = ${purchase} AS bought, floor(min(time) / ${secondsPerDay}) AS earliest,
          floor(max(time) / ${secondsPerDay}) AS latest
        FROM (
          SELECT type, weight, time, is_possible FROM transaction_rows
          UNION ALL SELECT type, weight, time, is_possible FROM event_rows
        )
        WHERE is_possible AND type >= 0 AND weight >= 0
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

interface Found {
  readonly items: PopularItems["items"];
  readonly shoppers: number;
  readonly purchases: number;
  readonly asOf: number;
}

/** Counts what happened on or after `firstDay`: the items of most buyers first, ties by smaller index. */
const mostBought = (session: SqlSession, ids: Statement, firstDay: number, onlyPurchases: boolean) =>
  Effect.gen(function* () {
    const first = firstDay * secondsPerDay;
    const kind = onlyPurchases ? sql`type = ${purchase}` : sql`type >= 0`;
    yield* session.run(sql`
      CREATE OR REPLACE TEMP TABLE counted AS
      SELECT customer_id, item_idx, sum(if(type = ${purchase}, bought, 1)) AS bought, max(time) AS as_of,
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
        GROUP BY item_idx ORDER BY buyers DESC, item_idx LIMIT ${popularItems}`,
    );
    return {
      items: items.map(({ item_idx, buyers }) => ({ itemIdx: item_idx ?? 0, buyers: Number(buyers) })),
      shoppers: Number(all?.shoppers ?? 0n),
      purchases: Number(all?.purchases ?? 0n),
      asOf: all?.as_of ?? 0,
    } satisfies Found;
  });

/** Makes the session's table `offered`: the item_idx of every item that may be recommended. */
const findOffered = (session: SqlSession, ids: Statement) =>
  Effect.gen(function* () {
    const listed = yield* listedIds;
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

/** Counts and puts the list. Items that no preprocess has given an index yet, and those gone from the items file, are left out. */
export const popular: Effect.Effect<
  PopularSummary,
  TableError | SqlError | PopularError | ConfigError.ConfigError,
  Tables | Sql | Popular | Progress
> = Effect.gen(function* () {
  const store = yield* Popular;
  const progress = yield* Progress;
  const started = yield* Clock.currentTimeMillis;
  const configuredDays = yield* popularDays.config;
  const task = yield* progress.task({ label: "popular", unit: "steps", total: 2 });

  const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
  yield* viewInteractions(session, yield* interactionTables);
  const map = yield* ifThere(relation(itemMap.name));
  if (map === undefined) {
    return yield* new TableError({
      reason: "NotFound",
      table: itemMap.name,
      message: "No item has an index yet: run the command `batch preprocess` first.",
    });
  }
  const ids = map.statement;
  yield* findOffered(session, ids);
  const span = yield* findSpan(session);
  task.advance(1);
  let windowDays = configuredDays;
  let found: Found = { items: [], shoppers: 0, purchases: 0, asOf: 0 };
  if (span !== undefined) {
    const count = Effect.suspend(() => mostBought(session, ids, span.latest - windowDays, span.onlyPurchases));
    found = yield* count;
    while (found.items.length < popularItems && span.latest - windowDays > span.earliest) {
      windowDays *= 2;
      found = yield* count;
    }
  }
  const { asOf, items, purchases, shoppers } = found;
  const list: PopularItems = { asOf, windowDays, items };
  yield* store.put(list);
  const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000;
  yield* Effect.log(
    `Found the ${items.length} most popular items of ${windowDays} days among ${purchases} ` +
      `${span?.onlyPurchases === false ? "interactions" : "purchases"} by ${shoppers} shoppers in ${seconds.toFixed(1)} s.`,
  );
  return { ...list, purchases, seconds };
}).pipe(Effect.scoped, namingDamage([rawTransactions, rawEvents, itemMap].map(({ name }) => name)));
