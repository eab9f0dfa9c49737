/**
 * Retries: which of the archived events repeat one of their user's last day, and what is remembered where the archive ends,
 * judged as the stream does (`learning/Recent.ts`).
 *
 * Users are judged one after the other, each one's events in the order of the log. Of all users only those are looked at
 * who may have repeated something, or of whom something may be remembered.
 */
import { Effect, Schema, Stream } from "effect";
import type { ColumnBatch, Field } from "../domain/Columns.ts";
import { eventKey, packEvents, type RecentEvent, unpackEvents } from "../domain/RecentEvents.ts";
import { userRecent } from "../domain/TableSchemas.ts";
import {
  dropOutdated,
  makeRecent,
  type Recent,
  recentEvents,
  remember,
  rememberedSeconds,
} from "../learning/Recent.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";
import { emptyRelation } from "./Relation.ts";

/** Whether it is forgotten where the archive ends, in a partition whose newest event arrived at `newest`. */
const isForgotten = (newest: Statement, arrival: Statement): Statement =>
  sql`(${newest} - ${rememberedSeconds}) - ${arrival} >= ${rememberedSeconds}`;

interface Judge {
  /** Takes rows in order of user, then place. */
  readonly read: (batch: ColumnBatch) => void;
  readonly finish: () => void;
  /** Places of the events that repeat another. */
  readonly repeated: Array<bigint>;
  /** The rows of user_recent, and `n`, their number. */
  readonly remembered: ReadonlyArray<ColumnBatch>;
}

const batchRows = 1 << 16;

/** `n` is the number of the row. */
export const rememberedColumns: ReadonlyArray<Field> = [
  { name: "n", type: "long", nullable: false },
  ...userRecent.schema,
];

interface Remembered {
  readonly batches: Array<ColumnBatch>;
  readonly add: (userIdx: number, partition: number, event: RecentEvent) => void;
  readonly flush: () => void;
}

/** The rows of user_recent in batches of typed arrays: they may be two days' events. */
const makeRemembered = (): Remembered => {
  const batches: Array<ColumnBatch> = [];
  let held: Array<readonly [number, number, RecentEvent]> = [];
  let n = 0;
  const flush = (): void => {
    if (held.length === 0) return;
    batches.push({
      rows: held.length,
      columns: {
        n: BigInt64Array.from(held, (_, i) => BigInt(n - held.length + i)),
        user_idx: Int32Array.from(held, ([user]) => user),
        event_key: BigInt64Array.from(held, ([, , { id }]) => BigInt(id)),
        arrived_at: Float64Array.from(held, ([, , { arrival }]) => arrival),
        timestamp: Float64Array.from(held, ([, , { time }]) => time),
        item_idx: Int32Array.from(held, ([, , { itemIdx }]) => itemIdx),
        type: Int32Array.from(held, ([, , { type }]) => type),
        counted: held.map(([, , { counted }]) => counted),
        log_partition: Int32Array.from(held, ([, partition]) => partition),
      },
    });
    held = [];
  };
  return {
    batches,
    add: (userIdx, partition, event) => {
      n++;
      if (held.push([userIdx, partition, event]) === batchRows) flush();
    },
    flush,
  };
};

/** `newestOf` is when the newest event of a partition arrived, undefined where there is no new one. */
export const makeJudge = (debounceSeconds: number, newestOf: (partition: number) => number | undefined): Judge => {
  const repeated: Judge["repeated"] = [];
  const remembered = makeRemembered();
  let user = -1;
  let partition = 0;
  /** What was remembered of the user before the first event. */
  let before: Array<RecentEvent> = [];
  let recent: Recent | undefined;

  const endUser = (): void => {
    const held = recent ?? makeRecent(packEvents(before));
    dropOutdated(held, (newestOf(partition) ?? 0) - rememberedSeconds);
    for (const event of unpackEvents(recentEvents(held))) {
      remembered.add(user, partition, event);
    }
  };

  return {
    repeated,
    remembered: remembered.batches,
    read: ({ rows, columns }) => {
      const users = columns.user_idx as ArrayLike<number>;
      const items = columns.item_idx as ArrayLike<number>;
      const types = columns.type as ArrayLike<number>;
      const times = columns.time as ArrayLike<number>;
      const arrivals = columns.arrival as ArrayLike<number>;
      const partitions = columns.log_partition as ArrayLike<number>;
      const ids = columns.event_id as ArrayLike<string | null>;
      const keys = columns.event_key as ArrayLike<bigint>;
      const counted = columns.counted as ArrayLike<boolean>;
      const places = columns.place as ArrayLike<bigint>;
      for (let i = 0; i < rows; i++) {
        if (users[i] !== user) {
          if (user >= 0) endUser();
          user = users[i];
          before = [];
          recent = undefined;
        }
        partition = partitions[i];
        const event = { arrival: arrivals[i], time: times[i], itemIdx: items[i], type: types[i] };
        const id = ids[i];
        if (id === null) {
          before.push({ ...event, id: Number(keys[i]), counted: counted[i] });
          continue;
        }
        recent ??= makeRecent(packEvents(before));
        if (remember(recent, { ...event, id: eventKey(id) }, debounceSeconds) === "repeated") repeated.push(places[i]);
      }
    },
    finish: () => {
      if (user >= 0) endUser();
      remembered.flush();
    },
  };
};

export interface Archived {
  readonly session: SqlSession;
  /** Rows of the columns user_idx, item_idx, type, time, arrival, log_partition, event_id, place; those without an id are no retries. */
  readonly events: Statement;
  /** What was remembered where the archive ended before `events`: user_recent, and `place`, the number of the row. */
  readonly before?: Statement | undefined;
  readonly debounceSeconds: number;
}

const Newest = Schema.Struct({ log_partition: Schema.Number, arrival: Schema.Number });

/**
 * Makes the session's tables `repeated` (place) of the events that do not count, and `recent`: the rows of user_recent where
 * the archive ends, and their order n.
 */
export const judgeRetries = ({
  session,
  events: archived,
  before,
  debounceSeconds,
}: Archived): Effect.Effect<{ readonly repeated: number }, SqlError> =>
  Effect.gen(function* () {
    const events = sql`(FROM ${archived} WHERE event_id IS NOT NULL AND log_partition IS NOT NULL)`;
    yield* session.run(sql`
      CREATE TEMP TABLE newest AS
      SELECT log_partition, max_by(arrival, place) AS newest FROM ${events} GROUP BY log_partition`);
    const newest = yield* session.rows(Newest, sql`SELECT log_partition, newest AS arrival FROM newest`);
    const newestOf = new Map(newest.map(({ log_partition, arrival }) => [log_partition, arrival]));
    yield* session.run(
      before === undefined
        ? sql`
          CREATE TEMP TABLE suspects AS
          SELECT user_idx FROM ${events} GROUP BY user_idx, hash(event_id) HAVING count(*) > 1
          UNION
          SELECT user_idx FROM ${events} JOIN newest USING (log_partition)
          WHERE NOT ${isForgotten(sql`newest`, sql`arrival`)}`
        : sql`CREATE TEMP TABLE suspects AS SELECT DISTINCT user_idx FROM ${events}`,
    );
    const kept = before ?? emptyRelation(userRecent.schema, "place");
    const judge = makeJudge(debounceSeconds, (partition) => newestOf.get(partition));
    yield* Stream.runForEach(
      session.stream(sql`
        SELECT user_idx, item_idx, type::INTEGER AS type, time, arrival, log_partition, event_id, place,
          NULL::BIGINT AS event_key, NULL::BOOLEAN AS counted
        FROM ${events} SEMI JOIN suspects USING (user_idx)
        UNION ALL
        SELECT user_idx, item_idx, type, "timestamp", arrived_at, log_partition, NULL, place - ${2n ** 62n}, event_key, counted
        FROM ${kept} SEMI JOIN suspects USING (user_idx)
        ORDER BY user_idx, place`),
      (batch) => Effect.sync(() => judge.read(batch)),
    );
    judge.finish();
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
    return { repeated: repeated.length };
  });
