/** ComputeBatch: a batch's effect on the states of its users as they were read, on the trend and on the counts of followers. */
import { Either } from "effect";
import { countsReplay, type Event } from "../domain/Event.ts";
import type { FollowerEvents } from "../domain/FollowerCounts.ts";
import { type Forget, isForget } from "../domain/Forget.ts";
import { emptyUserState, type UserState } from "../domain/UserState.ts";
import {
  type ApplyContext,
  applyEvent,
  closeUser,
  forgetUser,
  indexOf,
  type OpenUser,
  type Outcome,
  openUser,
} from "../learning/ApplyEvent.ts";
import { addFollowed, followedEvents, makeFollowed } from "../learning/Followed.ts";
import { advanceTrend, type TrendEvent } from "../learning/Trending.ts";
import type { DeadLetter, DeadLetterReason } from "../ports/DeadLetters.ts";
import type { LogRecord } from "../ports/EventLog.ts";
import type { PartitionTrend, StateBatch, UserWrite } from "../ports/UserStates.ts";
import type { Refusal } from "./ReadRecord.ts";

/** Of one model. */
export interface BatchContext extends ApplyContext {
  readonly model: string;
  /** The consumer group: the name under which events are given up. */
  readonly group: string;
  /** Of the model's popularity, in seconds. */
  readonly halfLife: number;
}

/** How many events had which outcome. */
export type Counts = ReadonlyMap<Outcome | DeadLetterReason, number>;

export interface Decoded extends LogRecord {
  readonly event: Either.Either<Event | Forget, Refusal | undefined>;
}

export interface Computed {
  readonly batch: StateBatch;
  /** Of the events that the trend takes, those that followed others. */
  readonly followed: FollowerEvents;
  readonly letters: ReadonlyArray<DeadLetter>;
  readonly counts: Counts;
  /** Those that counted and name the answer that they come of. */
  readonly attributed: ReadonlyArray<Event>;
}

/** Whose batch it is, and where it stands. */
export interface Place {
  readonly partition: number;
  readonly slot: number;
  readonly log: string;
  /** The first offset that is not applied. */
  readonly durable: bigint;
  readonly start: (partition: number) => bigint;
}

/** Of what shoppers did, that is; not of retries, nor of what is debounced. */
const counted: ReadonlySet<Outcome> = new Set(["applied", "noted", "shown", "passed"]);

/** The batch's effect on the states as read: the plain loop. `damaged`: whose state cannot be decoded; none of them is forgotten here. */
export const computeBatch = (
  { durable, log, partition, slot, start }: Place,
  decoded: ReadonlyArray<Decoded>,
  states: ReadonlyMap<string, UserState | undefined>,
  damaged: ReadonlySet<string>,
  trend: PartitionTrend | undefined,
  context: BatchContext,
): Computed => {
  const open = new Map<string, OpenUser>();
  const touched = new Set<string>();
  const forgotten = new Set<string>();
  const trendEvents: Array<TrendEvent> = [];
  const followed = makeFollowed();
  const letters: Array<DeadLetter> = [];
  const attributed: Array<Event> = [];
  const counts = new Map<Outcome | DeadLetterReason, number>();
  const count = (outcome: Outcome | DeadLetterReason) => counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const giveUp = ({ appendedAt, offset, value }: Decoded, reason: DeadLetterReason, detail: string) =>
    letters.push({ log, consumer: context.group, partition, offset, reason, detail, appendedAt, value });

  for (const record of decoded) {
    // The user's own offset would tell, too, unless the user was forgotten.
    if (record.offset < durable) {
      count("redelivered");
      continue;
    }
    if (Either.isLeft(record.event)) {
      if (record.event.left === undefined) continue;
      const { detail, offset, reason } = record.event.left;
      count(reason);
      giveUp({ ...record, offset }, reason, detail);
      continue;
    }
    const event = record.event.right;
    if (isForget(event)) {
      const { userId } = event;
      const known = open.get(userId) ?? openUser(states.get(userId) ?? emptyUserState);
      const isNew = record.offset >= (known.next.get(slot) ?? 0n);
      count(isNew ? "forgotten" : "redelivered");
      if (!isNew) continue;
      open.set(userId, forgetUser(known, slot, record.offset));
      touched.add(userId);
      forgotten.add(userId);
      continue;
    }
    if (event.replayOf !== undefined && !countsReplay(event.replayOf, context.model, start(event.replayOf.partition))) {
      count("repeated");
      continue;
    }
    if (damaged.has(event.userId)) {
      count("damaged_state");
      giveUp(
        record,
        "damaged_state",
        `what is stored of user_id ${JSON.stringify(event.userId)} in model ${context.model} cannot be decoded: the next batch makes a model anew, which counts it`,
      );
      continue;
    }
    const user = open.get(event.userId) ?? openUser(states.get(event.userId) ?? emptyUserState);
    open.set(event.userId, user);
    const outcome = applyEvent(user, event, slot, record, context);
    count(outcome);
    if (event.recommendationId !== undefined && counted.has(outcome)) attributed.push(event);
    if (outcome === "unknown_item") {
      giveUp(
        record,
        outcome,
        `item_id ${JSON.stringify(event.itemId)} is neither in the model nor in the catalogue, which PUT /items puts it into`,
      );
    } else if (outcome === "unknown_type") {
      const wanted = `is none of ${context.types.names.join(", ")}, by which the model was made`;
      giveUp(record, outcome, `event_type ${JSON.stringify(event.eventType)} ${wanted}`);
    } else if (outcome !== "redelivered" && outcome !== "passed") {
      touched.add(event.userId);
    }
    if (outcome === "applied" && record.offset >= (trend?.next ?? 0n)) {
      const itemIdx = indexOf(context.items, event.itemId) as number;
      addFollowed(followed, itemIdx, user.before, user.followed);
      trendEvents.push({
        itemIdx,
        weight: context.types.weights[context.types.codeOf(event.eventType)],
        time: event.timestamp,
      });
    }
  }

  const next = decoded[decoded.length - 1].offset + 1n;
  const users: Array<UserWrite> = [];
  for (const userId of touched) {
    users.push({
      userId,
      expected: states.get(userId)?.next.get(slot),
      state: closeUser(open.get(userId) as OpenUser),
      forgets: forgotten.has(userId),
    });
  }
  return {
    letters,
    counts,
    attributed,
    followed: followedEvents(followed),
    batch: {
      slot,
      next,
      users,
      trend:
        trendEvents.length === 0
          ? undefined
          : { expected: trend?.next, trend: advanceTrend(trend, trendEvents, next, context.halfLife) },
    },
  };
};
