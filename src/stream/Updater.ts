/**
 * Updater: applies events to the user states of one model, exactly once.
 *
 * A batch is one read, one plain loop and one compare-and-set write. A conflict means that someone else wrote since:
 * the batch is read and computed again, and what the other applied is then skipped by its offset.
 */
import { Effect, Either, Schedule, Schema } from "effect";
import { slotOf } from "../domain/AppliedLogs.ts";
import { countsReplay, type Event, eventTypeCode, eventTypes, eventTypeWeights } from "../domain/Event.ts";
import { emptyUserState, type UserState } from "../domain/UserState.ts";
import {
  type ApplyContext,
  applyEvent,
  closeUser,
  type OpenUser,
  type Outcome,
  openUser,
} from "../learning/ApplyEvent.ts";
import { advanceTrend, type TrendEvent } from "../learning/Trending.ts";
import { backOff } from "../ports/BackOff.ts";
import { type DeadLetter, type DeadLetterReason, DeadLetters, type DeadLettersError } from "../ports/DeadLetters.ts";
import type { EventLogError, LogRecord } from "../ports/EventLog.ts";
import {
  type PartitionTrend,
  type StateBatch,
  UserStates,
  type UserStatesError,
  type UserWrite,
} from "../ports/UserStates.ts";
import type { Processing } from "./Processing.ts";
import { type Refusal, readRecord } from "./ReadRecord.ts";

export interface UpdaterStanding {
  readonly identity: string;
  /** The log's number among the model's. */
  readonly number: number;
  /** Where the model's training data ends, per partition. */
  readonly start: (partition: number) => bigint;
}

export interface UpdaterOptions extends ApplyContext {
  readonly model: string;
  /** The consumer group: the name under which events are given up. */
  readonly group: string;
  /** Which log there is, and where the model stands in it; asked for at each opening. */
  readonly standing: Effect.Effect<UpdaterStanding, UserStatesError | EventLogError>;
  /** Told after each batch: how many events had which outcome. */
  readonly onBatch?: (counts: Counts, records: ReadonlyArray<LogRecord>) => void;
}

/** Another owner kept winning: this one is a zombie, or two groups share a model. */
export class WriteConflict extends Schema.TaggedError<WriteConflict>()("WriteConflict", {
  partition: Schema.Int,
  message: Schema.String,
}) {}

export type UpdaterError = UserStatesError | EventLogError | DeadLettersError | WriteConflict;

/** How many events had which outcome. */
type Counts = ReadonlyMap<Outcome | DeadLetterReason, number>;

interface Decoded extends LogRecord {
  readonly event: Either.Either<Event, Refusal | undefined>;
}

interface Computed {
  readonly batch: StateBatch;
  readonly letters: ReadonlyArray<DeadLetter>;
  readonly counts: Counts;
}

const retries = Schedule.intersect(backOff("20 millis", "2 seconds"), Schedule.recurs(6));

/** Whose batch it is, and where it stands. */
interface Place {
  readonly partition: number;
  readonly slot: number;
  readonly log: string;
  /** The first offset that is not applied. */
  readonly durable: bigint;
  readonly start: (partition: number) => bigint;
}

/** The batch's effect on the states as read: the plain loop. */
const computeBatch = (
  { durable, log, partition, slot, start }: Place,
  decoded: ReadonlyArray<Decoded>,
  states: ReadonlyMap<string, UserState | undefined>,
  trend: PartitionTrend | undefined,
  context: UpdaterOptions,
): Computed => {
  const open = new Map<string, OpenUser>();
  const touched = new Set<string>();
  const trendEvents: Array<TrendEvent> = [];
  const letters: Array<DeadLetter> = [];
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
    if (event.replayOf !== undefined && !countsReplay(event.replayOf, context.model, start(event.replayOf.partition))) {
      count("repeated");
      continue;
    }
    const user = open.get(event.userId) ?? openUser(states.get(event.userId) ?? emptyUserState);
    open.set(event.userId, user);
    const outcome = applyEvent(user, event, slot, record, context);
    count(outcome);
    if (outcome === "unknown_item") {
      giveUp(
        record,
        outcome,
        `item_id ${JSON.stringify(event.itemId)} is not in the model; it will be after the next batch that knows it`,
      );
    } else if (outcome === "unknown_type") {
      giveUp(record, outcome, `event_type ${JSON.stringify(event.eventType)} is none of ${eventTypes.join(", ")}`);
    } else if (outcome !== "redelivered") {
      touched.add(event.userId);
    }
    if (outcome === "applied" && record.offset >= (trend?.next ?? 0n)) {
      const row = context.items.rowOf(event.itemId) as number;
      trendEvents.push({
        itemIdx: context.items.itemIdx[row],
        weight: eventTypeWeights[eventTypeCode(event.eventType)],
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
    });
  }
  return {
    letters,
    counts,
    batch: {
      slot,
      next,
      users,
      trend:
        trendEvents.length === 0 ? undefined : { expected: trend?.next, trend: advanceTrend(trend, trendEvents, next) },
    },
  };
};

/** Events of one model, partition by partition; nothing is shared between partitions but the item vectors. */
export const updater = (
  options: UpdaterOptions,
): Effect.Effect<Processing<UpdaterError, never>, never, UserStates | DeadLetters> =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const deadLetters = yield* DeadLetters;
    const { model } = options;

    const open = (partition: number) =>
      Effect.gen(function* () {
        const { identity, number, start } = yield* options.standing;
        const slot = slotOf(number, partition);
        const from = (yield* states.position(model, slot)) ?? start(partition);
        let durable = from;

        const attempt = (decoded: ReadonlyArray<Decoded>, userIds: ReadonlyArray<string>) =>
          Effect.gen(function* () {
            const read = yield* states.read(model, userIds);
            // After the states: whoever was forgotten by then had been applied below it.
            const position = (yield* states.position(model, slot)) ?? from;
            if (position > durable) durable = position;
            const trend = yield* states.trend(model, slot);
            const known = new Map(userIds.map((userId, i) => [userId, read[i]]));
            const { batch, letters, counts } = computeBatch(
              { partition, slot, log: identity, durable, start },
              decoded,
              known,
              trend,
              options,
            );
            if (letters.length > 0) yield* deadLetters.append(letters);
            const conflicts = yield* states.write(model, batch);
            if (conflicts.length > 0) {
              return yield* new WriteConflict({
                partition,
                message: `another updater wrote ${conflicts.length} of ${batch.users.length} users of partition ${partition} meanwhile`,
              });
            }
            options.onBatch?.(counts, decoded);
            return batch.next;
          });

        const apply = (records: ReadonlyArray<LogRecord>) =>
          Effect.suspend(() => {
            const decoded = records.map((record) => ({ ...record, event: readRecord(identity, partition, record) }));
            const userIds = [
              ...new Set(decoded.flatMap(({ event }) => (Either.isRight(event) ? [event.right.userId] : []))),
            ];
            return attempt(decoded, userIds).pipe(
              Effect.retry({ schedule: retries, while: (error) => error._tag === "WriteConflict" }),
              Effect.map((next) => {
                if (next > durable) durable = next;
                return durable;
              }),
            );
          });

        return { from, apply, flush: Effect.sync(() => durable) };
      });

    return {
      name: "updater",
      open,
      flushAge: undefined,
      isTransient: (error) =>
        error._tag !== "WriteConflict" && (error._tag !== "EventLogError" || error.reason === "Unavailable"),
    };
  });
