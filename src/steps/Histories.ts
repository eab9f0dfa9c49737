/**
 * Histories: the newest interactions of every user, of the types that teach.
 *
 * Kept are of each user the newest interactions of any type and the newest purchases, so many as is asked for; of equal times
 * the later in the input is newer, and rows equal in user, item, type and time (several pieces of one article) are one, which stands
 * where the last of them did. What was taken back stands there nevertheless: whether it still counts is for `bought` to say.
 */
import { Effect } from "effect";
import { itemOf, packed, scratchCopy, typeOf, userOf } from "../datasets/IndexedInteractions.ts";
import { isOneOf, teaches } from "../datasets/Interactions.ts";
import { overwriteTable } from "../datasets/WriteTable.ts";
import type { EventTypes } from "../domain/EventTypes.ts";
import { userHistory } from "../domain/TableSchemas.ts";
import type { KeptHistory } from "../ports/BatchSteps.ts";
import type { SqlSession, Watch } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";

/** Of rows equal in key and time the last: `sorted` is in order of key, time and place. */
const distinct = (sorted: Statement): Statement => sql`
  SELECT key, time, place
  FROM (SELECT key, time, place, lead(key) OVER () AS next_key, lead(time) OVER () AS next_time FROM ${sorted})
  WHERE next_key IS DISTINCT FROM key OR next_time <> time`;

/** Those of the rows that are kept: all of a user who has few. */
const few = (rows: Statement, { interactions, purchases }: KeptHistory, { buys }: EventTypes): Statement => sql`
  SELECT ${userOf(sql`key`)} AS user_idx, key, time, place FROM ${rows}
  WHERE ${userOf(sql`key`)} NOT IN (FROM many)
  UNION ALL
  SELECT user_idx, key, time, place
  FROM (
    SELECT *, row_number() OVER newest AS place_of_all,
      count(*) FILTER (${isOneOf(buys)}) OVER newest AS place_of_purchase
    FROM (
      SELECT ${userOf(sql`key`)} AS user_idx, ${typeOf(sql`key`)} AS type, key, time, place FROM ${rows}
      WHERE ${userOf(sql`key`)} IN (FROM many)
    )
    WINDOW newest AS (PARTITION BY user_idx ORDER BY time DESC, place DESC ROWS UNBOUNDED PRECEDING)
  )
  WHERE place_of_all <= ${interactions} OR ((${isOneOf(buys)}) AND place_of_purchase <= ${purchases})`;

export interface HistoryRows {
  readonly session: SqlSession;
  readonly types: EventTypes;
  /** Interactions: key, time, place and weight, in this order. */
  readonly sorted: Statement;
  /** What was kept before: rows of user_history and their places; undefined where nothing was. */
  readonly before: Statement | undefined;
  readonly kept: KeptHistory;
  readonly watch: Watch;
}

const userKey = packed(sql`user_idx`, sql`item_idx`, sql`type`);

/** Writes the histories; those of users without a new interaction are as they were. */
export const writeHistories = ({ session, types, sorted, before, kept, watch }: HistoryRows) =>
  Effect.gen(function* () {
    const added = sql`(SELECT key, time, place FROM ${sorted} WHERE (${isOneOf(teaches(types), typeOf(sql`key`))}) AND weight >= 0)`;
    const touched = sql`(SELECT ${userOf(sql`key`)} AS user_idx FROM ${added})`;
    const known =
      before === undefined
        ? added
        : sql`(
          FROM ${added}
          UNION ALL
          SELECT ${userKey} AS key, "timestamp" AS time, place FROM ${before} SEMI JOIN ${touched} USING (user_idx)
          ORDER BY key, time, place)`;
    const others =
      before === undefined
        ? sql``
        : sql`
          UNION ALL
          SELECT user_idx, ${userKey} AS key, "timestamp" AS time, place FROM ${before} ANTI JOIN ${touched} USING (user_idx)`;
    const rows = yield* scratchCopy(session, "distinct.parquet", distinct(known));
    yield* session.run(sql`
      CREATE TEMP TABLE many AS
      SELECT ${userOf(sql`key`)} AS user_idx FROM ${rows} GROUP BY user_idx HAVING count(*) > ${kept.interactions}`);
    return yield* overwriteTable({
      session,
      table: userHistory,
      select: sql`
        SELECT user_idx, ${itemOf(sql`key`)} AS item_idx, ${typeOf(sql`key`)} AS type, time AS "timestamp"
        FROM (${few(rows, kept, types)} ${others})
        ORDER BY user_idx, time, place`,
      watch,
    });
  });
