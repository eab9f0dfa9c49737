/**
 * IndexedInteractions: the interactions that count, by the indices of their users and items, without a client's retries.
 *
 * User, item and type are one number, `key`, in whose order rows are sorted twice as fast as by three columns.
 */
import { Effect, type Scope } from "effect";
import type { EventTypes } from "../domain/EventTypes.ts";
import type { SqlError, SqlSession, Watch } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";
import { type Ids, joinIds } from "./Ids.ts";
import { counts, countsOrShows, isOneOf } from "./Interactions.ts";
import { judgeRetries } from "./Retries.ts";

/** With the 31 of a user's index they are a BIGINT above 0; of types as many as `mostEventTypes`, and the unknown. */
const [itemBits, typeBits] = [28, 4];

/** user_idx · 2^32 + item_idx · 16 + type + 1. */
export const packed = (user: Statement, item: Statement, type: Statement): Statement =>
  sql`((${user}::BIGINT << ${itemBits + typeBits}) + (${item}::BIGINT << ${typeBits}) + ${type} + 1)`;

export const mostItems = 2 ** itemBits;

export const userOf = (key: Statement): Statement => sql`(${key} >> ${itemBits + typeBits})::INTEGER`;
export const itemOf = (key: Statement): Statement => sql`((${key} >> ${typeBits}) & ${mostItems - 1})::INTEGER`;
export const typeOf = (key: Statement): Statement => sql`((${key} & ${2 ** typeBits - 1}) - 1)::INTEGER`;
/** User and item: a key without its type. */
export const pairOf = (key: Statement): Statement => sql`(${key} >> ${typeBits})`;
export const userOfPair = (pair: Statement): Statement => sql`(${pair} >> ${itemBits})::INTEGER`;
export const itemOfPair = (pair: Statement): Statement => sql`(${pair} & ${mostItems - 1})::INTEGER`;
export const pairOfIndices = sql`((user_idx::BIGINT << ${itemBits}) + item_idx)`;

/** The rows of `select` as a file of the session, to be read more than once. */
export const scratchCopy = (session: SqlSession, name: string, select: Statement, watch?: Watch) =>
  Effect.gen(function* () {
    const path = yield* session.scratch(name);
    yield* session.run(
      sql`COPY (${select}) TO ${path} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2)`,
      watch,
    );
    return sql`read_parquet(${path})`;
  });

export interface ToIndex {
  /** With the views of `viewInteractions`. */
  readonly session: SqlSession;
  readonly types: EventTypes;
  readonly users: Ids;
  readonly items: Ids;
  /** Some row of raw/events does not say when it arrived. */
  readonly withoutArrival: boolean;
  /** What was remembered where the archive ended before the view's events: see `judgeRetries`. */
  readonly before?: Statement | undefined;
  readonly debounceSeconds: number;
  /** To be told what users were shown, of types of which some is. */
  readonly showing?: {
    /** What they were shown before all rows of the views: rows of user_shown and their places; undefined: nothing is carried on. */
    readonly before: Statement | undefined;
  };
  readonly watch?: Watch;
}

export interface Indexed {
  /** Rows of the columns key, time, place and weight; see `Interactions`. */
  readonly rows: Statement;
  /** Retries that are left out. */
  readonly repeated: number;
  /** The rows of user_shown, and `n`, the place of each among its user's; undefined where it was not asked for. */
  readonly shown: Statement | undefined;
}

export const indexInteractions = ({
  session,
  types,
  users,
  items,
  withoutArrival,
  before,
  debounceSeconds,
  showing,
  watch,
}: ToIndex): Effect.Effect<Indexed, SqlError, Scope.Scope> =>
  Effect.gen(function* () {
    const ids = sql`${joinIds(users, sql`customer_id`)} ${joinIds(items, sql`article_id`)}`;
    const key = packed(sql`users.idx`, sql`items.idx`, sql`type`);
    const transactions = sql`SELECT ${key} AS key, time, place, weight FROM transaction_rows ${ids} WHERE ${counts(types)}`;
    // A row of version 0.1 arrived when the newest of those before it happened, or itself.
    const arrival = withoutArrival
      ? sql`coalesce(arrived_at, max(coalesce(arrived_at, time)) OVER (PARTITION BY log_partition ORDER BY place, position))`
      : sql`arrived_at`;
    const events = yield* scratchCopy(
      session,
      "events.parquet",
      sql`
        SELECT ${key} AS key, users.idx AS user_idx, items.idx AS item_idx, type, time, weight,
          ${2n ** 62n} + row_number() OVER (ORDER BY place, position) AS place, ${arrival} AS arrival, log_partition, event_id
        FROM event_rows ${ids} WHERE ${showing === undefined ? counts(types) : countsOrShows(types)}`,
      watch,
    );
    const isShown = isOneOf(types.shows);
    const ofFiles = sql`(
      SELECT users.idx AS user_idx, items.idx AS item_idx, type, time, place FROM transaction_rows ${ids} WHERE ${countsOrShows(types)})`;
    const { repeated, shown } = yield* judgeRetries({
      session,
      events,
      before,
      debounceSeconds,
      showing: showing && { ...showing, isShown, transactions: ofFiles },
    });
    const acts = showing === undefined ? events : sql`(FROM ${events} WHERE NOT (${isShown}))`;
    const rows = sql`(
      ${transactions}
      UNION ALL SELECT key, time, place, weight FROM ${acts} ANTI JOIN repeated USING (place))`;
    return { rows, repeated, shown };
  });
