/**
 * Retries: which of the archived events repeat one of their user's last day, what is remembered where the archive ends, and what each
 * user was shown, judged as the stream does (`Judge.ts`).
 *
 * Of all users only those are judged who may have repeated something, of whom something may be remembered, or to whom something was
 * shown.
 */
import { Effect, Schema, type Scope, Stream } from "effect";
import { userRecent, userShown } from "../domain/TableSchemas.ts";
import { rememberedSeconds } from "../learning/Recent.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { joined, type Statement, sql } from "../ports/Statement.ts";
import { judgedRows, makeJudge, rememberedColumns, rowKinds } from "./Judge.ts";
import { emptyRelation } from "./Relation.ts";
import { shownColumns } from "./ShownRows.ts";

/** Whether it is forgotten where the archive ends, in a partition whose newest event arrived at `newest`. */
const isForgotten = (newest: Statement, arrival: Statement): Statement =>
  sql`(${newest} - ${rememberedSeconds}) - ${arrival} >= ${rememberedSeconds}`;

/** What bears on what users were shown beside the events. */
export interface Showing {
  /** Whether the `type` of an event is one that is shown. */
  readonly isShown: Statement;
  /** Rows of raw/transactions, all before the events: user_idx, item_idx, type, time and place. */
  readonly transactions: Statement;
  /** What was shown before all of these: rows of user_shown and their places; undefined where nothing is carried on. */
  readonly before: Statement | undefined;
}

export interface Archived {
  readonly session: SqlSession;
  /**
   * Rows of the columns user_idx, item_idx, type, time, arrival, log_partition, event_id, place; those without an id are no retries.
   * Events that were but shown are among them where it is asked what users were shown.
   */
  readonly events: Statement;
  /** What was remembered where the archive ended before `events`: user_recent, and `place`, the number of the row. */
  readonly before?: Statement | undefined;
  readonly debounceSeconds: number;
  readonly showing?: Showing | undefined;
}

export interface Judged {
  readonly repeated: number;
  /** The rows of user_shown, and `n`, the place of each among its user's; undefined where it was not asked for. */
  readonly shown: Statement | undefined;
}

const Newest = Schema.Struct({ log_partition: Schema.Number, arrival: Schema.Number });

/** Users to whom something was shown, now or before. */
const viewers = (events: Statement, { before, isShown, transactions }: Showing): Statement => {
  const carried = before === undefined ? sql`` : sql`UNION SELECT user_idx FROM ${before}`;
  return sql`
    SELECT user_idx FROM ${events} WHERE ${isShown}
    UNION SELECT user_idx FROM ${transactions} WHERE ${isShown} ${carried}`;
};

/** Rows for the judge that tell what was shown: those of files, and of the last run. */
const shownParts = ({ before, isShown, transactions }: Showing): ReadonlyArray<Statement> => {
  const nulls = sql`NULL::DOUBLE AS arrival, NULL::INTEGER AS log_partition, NULL::VARCHAR AS event_id`;
  const ofFiles = sql`
    SELECT user_idx, item_idx, type::INTEGER AS type, time, ${nulls}, place, NULL::BIGINT AS number, NULL::BOOLEAN AS counted,
      if(${isShown}, ${rowKinds.impression}, ${rowKinds.act})::INTEGER AS kind
    FROM ${transactions} SEMI JOIN suspects USING (user_idx)`;
  if (before === undefined) return [ofFiles];
  const ofBefore = sql`
    SELECT user_idx, item_idx, 0 AS type, "last" AS time, ${nulls}, place, if(item_idx < 0, impression, shown)::BIGINT AS number,
      NULL::BOOLEAN AS counted, if(item_idx < 0, ${rowKinds.key}, ${rowKinds.item})::INTEGER AS kind
    FROM ${before} SEMI JOIN suspects USING (user_idx)`;
  return [ofFiles, ofBefore];
};

/**
 * Makes the session's tables `repeated` (place) of the events that do not count, and `recent`: the rows of user_recent where
 * the archive ends, and their order n.
 */
export const judgeRetries = ({
  session,
  events: archived,
  before,
  debounceSeconds,
  showing,
}: Archived): Effect.Effect<Judged, SqlError, Scope.Scope> =>
  Effect.gen(function* () {
    const isAct = showing === undefined ? sql`true` : sql`NOT (${showing.isShown})`;
    const named = sql`event_id IS NOT NULL AND log_partition IS NOT NULL`;
    const events = sql`(FROM ${archived} WHERE ${named} AND ${isAct})`;
    yield* session.run(sql`
      CREATE TEMP TABLE newest AS
      SELECT log_partition, max_by(arrival, place) AS newest FROM ${events} GROUP BY log_partition`);
    const newest = yield* session.rows(Newest, sql`SELECT log_partition, newest AS arrival FROM newest`);
    const newestOf = new Map(newest.map(({ log_partition, arrival }) => [log_partition, arrival]));
    const acting =
      before === undefined
        ? sql`
          SELECT user_idx FROM ${events} GROUP BY user_idx, hash(event_id) HAVING count(*) > 1
          UNION
          SELECT user_idx FROM ${events} JOIN newest USING (log_partition)
          WHERE NOT ${isForgotten(sql`newest`, sql`arrival`)}`
        : sql`SELECT DISTINCT user_idx FROM ${events}`;
    if (showing !== undefined) yield* session.run(sql`CREATE TEMP TABLE viewers AS ${viewers(archived, showing)}`);
    // Of those who were shown something before, only who has rows now: of the others it stays as it is.
    const looking =
      showing === undefined
        ? sql``
        : sql`UNION SELECT user_idx FROM viewers SEMI JOIN (
            SELECT user_idx FROM ${archived} UNION ALL SELECT user_idx FROM ${showing.transactions}) USING (user_idx)`;
    yield* session.run(sql`CREATE TEMP TABLE suspects AS ${acting} ${looking}`);
    const kept = before ?? emptyRelation(userRecent.schema, "place");
    const judge = makeJudge(debounceSeconds, (partition) => newestOf.get(partition));
    const kind =
      showing === undefined
        ? sql`${rowKinds.event}`
        : sql`CASE WHEN ${showing.isShown} THEN ${rowKinds.impression} WHEN ${named} THEN ${rowKinds.event} ELSE ${rowKinds.act} END`;
    const parts = [
      sql`
        SELECT user_idx, item_idx, type::INTEGER AS type, time, arrival, log_partition,
          if(log_partition IS NULL, NULL, event_id) AS event_id, place, NULL::BIGINT AS number, NULL::BOOLEAN AS counted,
          (${kind})::INTEGER AS kind
        FROM ${showing === undefined ? events : archived} SEMI JOIN suspects USING (user_idx)`,
      sql`
        SELECT user_idx, item_idx, type, "timestamp" AS time, arrived_at AS arrival, log_partition, NULL AS event_id,
          place - ${2n ** 62n} AS place, event_key AS number, counted, ${rowKinds.remembered}::INTEGER AS kind
        FROM ${kept} SEMI JOIN suspects USING (user_idx)`,
      ...(showing === undefined ? [] : shownParts(showing)),
    ];
    const rows = judgedRows(
      judge,
      session.stream(sql`${joined(parts, " UNION ALL BY NAME ")} ORDER BY user_idx, place`),
    );
    let shown: Statement | undefined;
    if (showing === undefined) yield* Stream.runDrain(rows);
    else {
      // The session is at work on the rows meanwhile; neither sees the other's tables.
      const path = yield* session.scratch("shown.parquet");
      const beside = yield* session.beside;
      yield* beside.load("judged_shown", shownColumns, rows);
      yield* beside.run(sql`COPY judged_shown TO ${path} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2)`);
      yield* beside.run(sql`DROP TABLE judged_shown`);
      const last = showing.before ?? emptyRelation(userShown.schema, "place");
      shown = sql`(FROM read_parquet(${path}) UNION ALL BY NAME
        SELECT * RENAME (place AS n) FROM ${last} ANTI JOIN suspects USING (user_idx))`;
    }
    const { repeated, remembered } = judge;
    yield* session.load(
      "repeated",
      [{ name: "place", type: "long", nullable: false }],
      Stream.make({ rows: repeated.length, columns: { place: repeated } }),
    );
    yield* session.load("recent", rememberedColumns, Stream.fromIterable(remembered));
    yield* session.run(sql`
      INSERT INTO recent BY NAME
      SELECT kept.* RENAME (place AS n) FROM ${kept} AS kept
      ANTI JOIN suspects USING (user_idx)
      LEFT JOIN newest USING (log_partition)
      WHERE newest IS NULL OR NOT ${isForgotten(sql`newest`, sql`arrived_at`)}`);
    return { repeated: repeated.length, shown };
  });
