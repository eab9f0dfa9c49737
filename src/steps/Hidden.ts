/** Hidden: what users want to see no more: of every pair of user and item the last event that hides, unless a purchase came after it. */
import { itemOfPair, pairOf, pairOfIndices, typeOf, userOfPair } from "../datasets/IndexedInteractions.ts";
import { isOneOf } from "../datasets/Interactions.ts";
import { overwriteTable } from "../datasets/WriteTable.ts";
import type { EventTypes } from "../domain/EventTypes.ts";
import { userHidden } from "../domain/TableSchemas.ts";
import type { SqlSession } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";

export interface HiddenRows {
  readonly session: SqlSession;
  readonly types: EventTypes;
  /** Interactions: key, place and weight. */
  readonly sorted: Statement;
  /** What was hidden before all of them, and its place: rows of user_hidden; undefined where nothing is carried on. */
  readonly before: Statement | undefined;
}

/** Writes user_hidden. What was returned was not bought. */
export const writeHidden = ({ session, types, sorted, before }: HiddenRows) => {
  const carried = before === undefined ? sql`` : sql`UNION ALL SELECT ${pairOfIndices}, place FROM ${before}`;
  const of = (which: ReadonlyArray<boolean>): Statement =>
    sql`SELECT ${pairOf(sql`key`)} AS pair, place FROM ${sorted} WHERE (${isOneOf(which, typeOf(sql`key`))}) AND weight >= 0`;
  return overwriteTable({
    session,
    table: userHidden,
    select: sql`
      WITH hiding AS (SELECT pair, max(place) AS hidden_at FROM (${of(types.hides)} ${carried}) GROUP BY pair),
      buying AS (SELECT pair, max(place) AS bought_at FROM (${of(types.buys)}) SEMI JOIN hiding USING (pair) GROUP BY pair)
      SELECT ${userOfPair(sql`pair`)} AS user_idx, ${itemOfPair(sql`pair`)} AS item_idx
      FROM hiding LEFT JOIN buying USING (pair)
      WHERE bought_at IS NULL OR hidden_at > bought_at
      ORDER BY pair`,
  });
};
