/** Events with numbers, and the states that they make when each is applied once, in the order of its partition. */
import { Duration, Effect, Either } from "effect";
import type { Event } from "../../src/domain/Event.ts";
import { decodeEvent, encodeEvent, positionId } from "../../src/domain/EventCodec.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import {
  type ApplyContext,
  applyEvent,
  closeUser,
  type LearningItems,
  type OpenUser,
  openUser,
} from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { EventLog, type EventLogService, type LogRecord } from "../../src/ports/EventLog.ts";
import { supervise } from "../../src/stream/Supervisor.ts";
import { updater } from "../../src/stream/Updater.ts";

const rank = 8;
const count = 50;
const items: LearningItems = {
  rank,
  itemIdx: Uint32Array.from({ length: count }, (_, row) => row),
  vectors: Float32Array.from({ length: count * rank }, (_, i) => Math.sin(i + 1)),
  rowOf: (id) => Number(id),
  rowOfIdx: (idx) => idx,
};
const context: ApplyContext = {
  items,
  learner: makeEma(items, { rate: 0.2 }),
  types: defaultEventTypes,
  debounceSeconds: 300,
};

export const group = "updater-numbered";
export const users = 40;
export const userOf = (n: number): string => `user-${n % users}`;

/** Far apart in event time, so that neither debounce would hide a second application. */
export const numbered = (n: number): Uint8Array => {
  const event: Event = {
    eventId: `n-${n}`,
    userId: userOf(n),
    itemId: String((n * 7) % count),
    eventType: "purchase",
    timestamp: 100_000_000 + n * 10_000,
    quantity: 1,
  };
  return encodeEvent(event);
};

export const numberOf = ({ value }: LogRecord): number =>
  Number(JSON.parse(new TextDecoder().decode(value)).event_id.slice(2));

/** The updater of the numbered events, as a process of the product runs it. */
export const role = Effect.gen(function* () {
  const processing = yield* updater({
    ...context,
    model: "numbered",
    group: "updater",
    halfLife: 86_400,
    standing: Effect.succeed({ identity: "numbered", number: 0, start: () => 0n }),
  });
  return yield* supervise({
    group,
    start: () => 0n,
    processing,
    settings: {
      inbox: 2,
      batchSize: 50,
      maxRestarts: 1000,
      restartWindow: Duration.minutes(5),
      stallTimeout: Duration.minutes(2),
      drainTimeout: Duration.seconds(5),
    },
  });
});

/** All records, by partition. */
export const everything = Effect.gen(function* () {
  const log = yield* EventLog;
  const ends = yield* log.endOffsets;
  return yield* Effect.forEach(ends, (end, partition) => log.read(partition, 0n, Number(end)));
});

export const sequential = (log: ReadonlyArray<ReadonlyArray<LogRecord>>): ReadonlyMap<string, UserState> => {
  const states = new Map<string, OpenUser>();
  log.forEach((records, partition) => {
    for (const record of records) {
      const event = Either.getOrThrow(decodeEvent(record.value, positionId("numbered", partition, record.offset)));
      const user = states.get(event.userId) ?? openUser(emptyUserState);
      states.set(event.userId, user);
      applyEvent(user, event, partition, record, context);
    }
  });
  return new Map(Array.from(states, ([userId, user]) => [userId, closeUser(user)]));
};

/** What became of each number: where it was acknowledged, or that nobody knows. */
export type Told = Map<number, { readonly partition: number; readonly offset: bigint } | "unknown">;

/** Appends small lists of numbers, one after the other, until interrupted; a failed append is not tried again. */
export const produce = (log: EventLogService, told: Told, pause: Duration.DurationInput): Effect.Effect<never> =>
  Effect.gen(function* () {
    let next = 0;
    while (true) {
      const numbers = Array.from({ length: 10 }, (_, i) => next + i);
      next += 10;
      for (const n of numbers) told.set(n, "unknown");
      yield* log.append(numbers.map((n) => ({ key: userOf(n), value: numbered(n) }))).pipe(
        Effect.tap((positions) =>
          Effect.sync(() => {
            for (const [i, place] of positions.entries()) told.set(numbers[i]!, place);
          }),
        ),
        Effect.catchAll((error) => Effect.logDebug(error.message)),
      );
      yield* Effect.sleep(pause);
    }
  });

/** Looks again and again until it holds. */
export const eventually = <E, R>(holds: Effect.Effect<boolean, E, R>): Effect.Effect<void, never, R> =>
  holds.pipe(
    Effect.orElseSucceed(() => false),
    Effect.delay("50 millis"),
    Effect.repeat({ until: (held) => held }),
    Effect.asVoid,
  );
