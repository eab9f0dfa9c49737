/**
 * Pairs: what every user had to do with every item, added up, and what follows from it: ratings, what was bought, buyers.
 *
 * Sums are of whole millionths, so they do not depend on the order. Rows are sorted once and added up as they pass by. What an event
 * takes back is not bought, however many pieces there were, until it is bought again: of what was bought, only what comes behind
 * the last such event is added up.
 */
import { Effect, Schema } from "effect";
import { itemOfPair, pairOf, pairOfIndices, scratchCopy, typeOf, userOfPair } from "../datasets/IndexedInteractions.ts";
import { boughtBy, eventPlaces, isOneOf } from "../datasets/Interactions.ts";
import { relation } from "../datasets/Relation.ts";
import { overwriteTable } from "../datasets/WriteTable.ts";
import type { EventTypes } from "../domain/EventTypes.ts";
import { itemStats, pairSums, trainData, userBought } from "../domain/TableSchemas.ts";
import type { SqlError, SqlSession, Watch } from "../ports/Sql.ts";
import { joined, type Statement, sql } from "../ports/Statement.ts";

/** Rows of (pair, weight, bought) in order of pair; answers one row per pair, in that order. */
const addedUp = (sorted: Statement): Statement => sql`
  WITH running AS (
    SELECT pair, sum(weight) OVER (ROWS UNBOUNDED PRECEDING) AS weights, sum(bought) OVER (ROWS UNBOUNDED PRECEDING) AS boughts,
      lead(pair, 1, -1) OVER () AS next
    FROM ${sorted}
  ),
  ends AS (SELECT pair, weights, boughts FROM running WHERE next <> pair)
  SELECT ${userOfPair(sql`pair`)} AS user_idx, ${itemOfPair(sql`pair`)} AS item_idx,
    (weights - lag(weights, 1, 0::HUGEINT) OVER ())::BIGINT AS weight,
    (boughts - lag(boughts, 1, 0::HUGEINT) OVER ())::BIGINT AS bought
  FROM ends`;

const Sum = Schema.Struct({ weight: Schema.BigIntFromSelf, rating: Schema.Number });

/**
 * log1p(weight) as a FLOAT, to the bit as Math.log1p gives it: ln(1 + weight) does for all but the sums, if any, for which it
 * was found to differ.
 */
const ratingOf = (session: SqlSession, pairs: Statement): Effect.Effect<Statement, SqlError> =>
  Effect.gen(function* () {
    const usual = sql`ln(1 + weight / 1e6)::FLOAT`;
    const sums = yield* session.rows(
      Sum,
      sql`SELECT weight, ${usual} AS rating FROM (SELECT DISTINCT weight FROM ${pairs} WHERE weight > 0)`,
    );
    const exact = sums.flatMap(({ weight, rating }) => {
      const wanted = Math.fround(Math.log1p(Number(weight) / 1e6));
      return wanted === rating ? [] : [sql`WHEN ${weight} THEN ${wanted}::FLOAT`];
    });
    return exact.length === 0 ? usual : sql`CASE weight ${joined(exact, " ")} ELSE ${usual} END`;
  });

/** Writes the rating of every pair that weighs something: log1p of its sum. */
const writeRatings = (session: SqlSession, pairs: Statement, watch: Watch) =>
  Effect.flatMap(ratingOf(session, pairs), (rating) =>
    overwriteTable({
      session,
      table: trainData,
      select: sql`SELECT user_idx, item_idx, ${rating} AS rating FROM ${pairs} WHERE weight > 0`,
      watch,
    }),
  );

const writeBought = (session: SqlSession, pairs: Statement) =>
  overwriteTable({
    session,
    table: userBought,
    select: sql`SELECT user_idx, item_idx FROM ${pairs} WHERE bought > 0`,
  });

/** Writes how many users bought each of the first `items` items. */
const writeItemStats = (session: SqlSession, pairs: Statement, items: number) =>
  overwriteTable({
    session,
    table: itemStats,
    select: sql`
      SELECT item.item_idx::INTEGER AS item_idx, coalesce(buyers, 0)::INTEGER AS buyers
      FROM range(${items}) AS item(item_idx)
      LEFT JOIN (SELECT item_idx, count(*) AS buyers FROM ${pairs} WHERE bought > 0 GROUP BY item_idx) AS counted
        ON counted.item_idx = item.item_idx
      ORDER BY item.item_idx`,
  });

export interface PairRows {
  readonly session: SqlSession;
  readonly types: EventTypes;
  /** Interactions: key, weight and place, in order of key. */
  readonly sorted: Statement;
  /** What is added to: rows of pair_sums; undefined where nothing is. */
  readonly before: Statement | undefined;
  /** So many items there are. */
  readonly items: number;
  readonly watch: Watch;
}

/** The rows in order of pair; what was bought before an event took it back counts as nothing bought. */
const withoutTakenBack = (rows: Statement, { takesBack }: EventTypes, sorted: Statement): Statement => sql`
  WITH last AS (
    SELECT ${pairOf(sql`key`)} AS pair, max(place) AS taken FROM ${sorted}
    WHERE (${isOneOf(takesBack, typeOf(sql`key`))}) AND place >= ${eventPlaces} GROUP BY ALL
  )
  SELECT pair, weight, if(place <= taken, 0, bought) AS bought FROM (${rows}) LEFT JOIN last USING (pair) ORDER BY pair`;

/** Writes the sums of all pairs, the ratings, what was bought and the items' buyers; answers the tables' versions. */
export const writePairs = ({ session, types, sorted, before, items, watch }: PairRows) =>
  Effect.gen(function* () {
    const piece = boughtBy(types, typeOf(sql`key`));
    const added = sql`SELECT ${pairOf(sql`key`)} AS pair, weight, ${piece} AS bought, place FROM ${sorted}`;
    const all =
      before === undefined
        ? added
        : sql`SELECT ${pairOfIndices} AS pair, weight, bought, place FROM ${before} UNION ALL ${added}`;
    const takesBack = types.takesBack.includes(true);
    const rows =
      before === undefined && !takesBack
        ? sql`(${added})`
        : yield* scratchCopy(
            session,
            "pairs.parquet",
            takesBack
              ? withoutTakenBack(all, types, sorted)
              : sql`SELECT pair, weight, bought FROM (${all}) ORDER BY pair`,
          );
    const sums = yield* overwriteTable({ session, table: pairSums, select: addedUp(rows), watch });
    const pairs = (yield* relation(pairSums.name, { version: sums.version })).statement;
    const ratings = yield* writeRatings(session, pairs, watch);
    const bought = yield* writeBought(session, pairs);
    const stats = yield* writeItemStats(session, pairs, items);
    return {
      ratings: ratings.rows,
      versions: {
        [pairSums.name]: sums.version,
        [trainData.name]: ratings.version,
        [userBought.name]: bought.version,
        [itemStats.name]: stats.version,
      },
    };
  });
