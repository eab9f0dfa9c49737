/**
 * Produce: sends drafts to the event log, paced by the clock.
 *
 * Each event has a due time. Whatever is due is appended in one batch; nothing is read ahead but one chunk. After a stall
 * the overdue events follow at once, those of the last `catchUp` at most: what is older is put off, never dropped.
 * Ends when the drafts end, or by interruption: what was appended stays, in order.
 */
import { Chunk, Clock, Duration, Effect, Option, Schedule, Stream } from "effect";
import { encodeEvent } from "../domain/EventCodec.ts";
import { backOff } from "../ports/BackOff.ts";
import { EventLog, type EventLogError } from "../ports/EventLog.ts";
import type { ForgottenError } from "../ports/Forgotten.ts";
import { type Draft, eventIdOf } from "./Draft.ts";
import type { MaySend } from "./NotForgotten.ts";

export type Pace =
  | { readonly _tag: "Rate"; readonly perSecond: number }
  /** The drafts' own times, sped up. Drafts without a time are due at once. */
  | { readonly _tag: "Speed"; readonly times: number };

export interface ProduceOptions {
  readonly pace: Pace;
  readonly catchUp: Duration.Duration;
  /** A number of 32 bits that the event ids hold. */
  readonly seed: number;
  /** `now`: events carry the time they are sent; `keep`: the drafts' own, where they have one. */
  readonly timestamps: "now" | "keep";
  /** Asked of each batch just before it is appended; what may not be sent is passed over. */
  readonly maySend: MaySend;
  /** Hears how many were appended. */
  readonly onAppended?: (count: number) => void;
}

const largestBatch = 5_000;
/** Due times are rounded up to a multiple of this, so that a high rate makes batches. */
const quantumMillis = 5;

/**
 * While the log is away: from 100 ms up to 10 s apart, jittered, in whole milliseconds as timers are. Without end: only
 * interruption gives a producer up.
 */
const patience = backOff("100 millis", "10 seconds").pipe(
  Schedule.modifyDelay((_, delay) => Duration.millis(Math.ceil(Duration.toMillis(delay)))),
);

/** Waits for a store that is away; says so once, and once when it is back. */
const makeWait = (what: string) => {
  let away = false;
  const turn = (now: boolean, message: string) =>
    Effect.suspend(() => {
      if (away === now) return Effect.void;
      away = now;
      return Effect.logWarning(message);
    });
  return <A, E extends EventLogError | ForgottenError, R>(asked: Effect.Effect<A, E, R>) =>
    asked.pipe(
      Effect.tapError((error) =>
        error.reason === "Unavailable" ? turn(true, `${what} is away, waiting: ${error.message}`) : Effect.void,
      ),
      Effect.retry({ schedule: patience, while: (error) => error.reason === "Unavailable" }),
      Effect.zipLeft(turn(false, `${what} is back`)),
    );
};

/** Milliseconds of a clock that never goes back. */
const monotonic = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000n) / 1_000);

/** Milliseconds after the start at which a draft is due. */
const makeDue = (pace: Pace) => {
  let first: number | undefined;
  return (draft: Draft, sequence: number): number => {
    if (pace._tag === "Rate") return ((sequence + 1) * 1000) / pace.perSecond;
    if (draft.timestamp === undefined) return 0;
    first ??= draft.timestamp;
    return ((draft.timestamp - first) * 1000) / pace.times;
  };
};

/** The next chunk, or undefined at the end. */
const nextOf = <A, E, R>(pull: Effect.Effect<A, Option.Option<E>, R>): Effect.Effect<A | undefined, E, R> =>
  Effect.catchAll(
    pull,
    Option.match({ onNone: () => Effect.succeed(undefined), onSome: (error) => Effect.fail(error) }),
  );

/** Answers how many events were appended. A draft's number, and so its event's id, is its place, whatever is passed over. */
export const produce = <E, R>(
  drafts: Stream.Stream<Draft, E, R>,
  options: ProduceOptions,
): Effect.Effect<number, E | EventLogError | ForgottenError, R | EventLog> =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const forLog = makeWait("the event log");
    const forForgotten = makeWait("the store of who is forgotten");
    const pull = yield* Stream.toPull(drafts);
    const dueAfter = makeDue(options.pace);
    const catchUp = Duration.toMillis(options.catchUp);
    const start = yield* monotonic;
    let putOff = 0;
    let sequence = 0;
    let appended = 0;
    let chunk: ReadonlyArray<Draft> = [];
    let at = 0;
    for (;;) {
      if (at === chunk.length) {
        const pulled = yield* nextOf(pull);
        if (pulled === undefined) return appended;
        chunk = Chunk.toReadonlyArray(pulled);
        at = 0;
        continue;
      }
      const now = (yield* monotonic) - start;
      const due = dueAfter(chunk[at]!, sequence) + putOff;
      if (due > now) {
        const wake = Math.ceil(due / quantumMillis) * quantumMillis;
        yield* Effect.sleep(Duration.millis(Math.min(wake - now, 1_000_000)));
        continue;
      }
      putOff += Math.max(0, now - due - catchUp);
      const begin = at;
      while (at < chunk.length && at - begin < largestBatch) {
        if (dueAfter(chunk[at]!, sequence + at - begin) + putOff > now) break;
        at++;
      }
      const batch = chunk.slice(begin, at);
      const sent = yield* forForgotten(options.maySend(batch));
      const millis = yield* Clock.currentTimeMillis;
      const records: Array<{ readonly key: string; readonly value: Uint8Array }> = [];
      batch.forEach((draft, n) => {
        if (!sent.has(draft)) return;
        const { userId, itemId, eventType, quantity } = draft;
        const kept = options.timestamps === "keep" ? draft.timestamp : undefined;
        const eventId = eventIdOf(options.seed, sequence + n);
        const timestamp = kept ?? millis / 1000;
        records.push({ key: userId, value: encodeEvent({ eventId, userId, itemId, eventType, timestamp, quantity }) });
      });
      sequence += batch.length;
      if (records.length === 0) continue;
      yield* forLog(log.append(records));
      appended += records.length;
      options.onAppended?.(records.length);
    }
  }).pipe(Effect.scoped);
