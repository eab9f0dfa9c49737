/** Reference: what one process would have made of the log, reading every partition in order, each record once. */
import { Effect, Either } from "effect";
import type { Event } from "../../src/domain/Event.ts";
import type { FollowerSnapshot } from "../../src/domain/FollowerCounts.ts";
import { isForget } from "../../src/domain/Forget.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import {
  type ApplyContext,
  applyEvent,
  closeUser,
  type OpenUser,
  type Outcome,
  openUser,
} from "../../src/learning/ApplyEvent.ts";
import { addFollowed, followedEvents, makeFollowed } from "../../src/learning/Followed.ts";
import { countEvents, makeLiveFollowers, snapshotOf } from "../../src/learning/LiveFollowers.ts";
import { advanceTrend, type TrendEvent } from "../../src/learning/Trending.ts";
import type { DeadLetterReason } from "../../src/ports/DeadLetters.ts";
import { EventLog, type LogRecord } from "../../src/ports/EventLog.ts";
import type { PartitionTrend } from "../../src/ports/UserStates.ts";
import type { BatchContext } from "../../src/stream/ComputeBatch.ts";
import { readRecord } from "../../src/stream/ReadRecord.ts";

/** By partition, from its first offset to its end. */
export type WholeLog = ReadonlyArray<ReadonlyArray<LogRecord>>;

const page = 5_000;

export const readWholeLog = Effect.gen(function* () {
  const log = yield* EventLog;
  const ends = yield* log.endOffsets;
  return yield* Effect.forEach(ends, (end, partition) =>
    Effect.gen(function* () {
      const records: Array<LogRecord> = [];
      let from = 0n;
      while (from < end) {
        const read = yield* log.read(partition, from, page);
        if (read.length === 0) break;
        records.push(...read);
        from = read.at(-1)!.offset + 1n;
      }
      return records as ReadonlyArray<LogRecord>;
    }),
  );
});

export interface Reference {
  readonly states: ReadonlyMap<string, UserState>;
  readonly trends: ReadonlyArray<PartitionTrend | undefined>;
  /** By partition. */
  readonly followers: ReadonlyArray<FollowerSnapshot>;
  readonly outcomes: ReadonlyMap<Outcome | DeadLetterReason, number>;
  /** CONSUMER PARTITION OFFSET REASON of every letter. */
  readonly letters: ReadonlySet<string>;
  /** PARTITION OFFSET EVENT_ID USER of every row of the archive. */
  readonly rows: ReadonlySet<string>;
  /** Event ids of each outcome `applied` or `debounced`, as often as it came. */
  readonly counted: ReadonlyArray<Event>;
}

export const rowKey = (partition: unknown, offset: unknown, eventId: unknown, userId: unknown): string =>
  [partition, offset, eventId, userId].join(" ");

/** `identity`: the log's. `initial`: the states before the first record; `from`: the first offset that is not in them. */
export const replay = (
  identity: string,
  log: WholeLog,
  initial: ReadonlyMap<string, UserState>,
  from: (partition: number) => bigint,
  context: ApplyContext & Pick<BatchContext, "halfLife">,
): Reference => {
  const states = new Map(initial);
  const open = new Map<string, OpenUser>();
  const outcomes = new Map<Outcome | DeadLetterReason, number>();
  const letters = new Set<string>();
  const rows = new Set<string>();
  const counted: Array<Event> = [];
  const count = (outcome: Outcome | DeadLetterReason) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

  const followers: Array<FollowerSnapshot> = [];
  const trends = log.map((records, partition) => {
    const followed = makeFollowed();
    const trending: Array<TrendEvent> = [];
    let next = 0n;
    for (const record of records) {
      const { offset } = record;
      const decoded = readRecord(identity, partition, record);
      if (Either.isLeft(decoded)) {
        if (decoded.left === undefined) continue;
        const { reason } = decoded.left;
        letters.add(`archiver ${partition} ${offset} ${reason}`);
        if (offset >= from(partition)) {
          letters.add(`updater ${partition} ${offset} ${reason}`);
          count(reason);
        }
        continue;
      }
      const event = decoded.right;
      if (isForget(event)) continue;
      rows.add(rowKey(partition, offset, event.eventId, event.userId));
      if (offset < from(partition)) continue;
      const user = open.get(event.userId) ?? openUser(states.get(event.userId) ?? emptyUserState);
      const outcome = applyEvent(user, event, partition, record, context);
      count(outcome);
      if (outcome === "unknown_item" || outcome === "unknown_type") {
        letters.add(`updater ${partition} ${offset} ${outcome}`);
        continue;
      }
      open.set(event.userId, user);
      if (outcome === "applied" || outcome === "debounced") counted.push(event);
      if (outcome === "applied") {
        const row = context.items.rowOf(event.itemId);
        if (row === undefined) continue;
        const itemIdx = context.items.itemIdx[row]!;
        addFollowed(followed, itemIdx, user.before, user.followed);
        trending.push({
          itemIdx,
          weight: context.types.weights[context.types.codeOf(event.eventType)]!,
          time: event.timestamp,
        });
        next = offset + 1n;
      }
    }
    const live = makeLiveFollowers();
    countEvents(live, followedEvents(followed));
    followers.push(snapshotOf(live));
    return trending.length === 0 ? undefined : advanceTrend(undefined, trending, next, context.halfLife);
  });
  for (const [userId, user] of open) states.set(userId, closeUser(user));
  return { states, trends, followers, outcomes, letters, rows, counted };
};
