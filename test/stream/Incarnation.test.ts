import { expect, it } from "@effect/vitest";
import { Deferred, Duration, Effect, Fiber, Queue } from "effect";
import { EventLogError, type LogRecord, type Signal, type Subscription } from "../../src/ports/EventLog.ts";
import { incarnation } from "../../src/stream/Incarnation.ts";
import type { Processing } from "../../src/stream/Processing.ts";
import { makeHistogram } from "../../src/vitals/Histogram.ts";
import { makePartition } from "../../src/vitals/Vitals.ts";
import { countingTurns, turnNow } from "../support/Turns.ts";
import { VirtualClock } from "../support/VirtualClock.ts";

const run = (
  subscription: Subscription,
  processing: Processing<never, never>,
  ending: Deferred.Deferred<void>,
  vitals = makePartition(0, makeHistogram([1])),
) =>
  incarnation(
    subscription,
    { partition: 0, epoch: 1, ending },
    processing,
    { inbox: 1, batchSize: 1, stallTimeout: Duration.minutes(1) },
    vitals,
    Effect.void,
  );

it.effect("tells the group the store's position at once: the last owner may have died before it could", () =>
  Effect.gen(function* () {
    const told = yield* Queue.unbounded<bigint>();
    const subscription: Subscription = {
      signals: yield* Queue.unbounded<Signal>(),
      fetch: () => Effect.never,
      commit: (_partition, _epoch, next) => Effect.asVoid(Queue.offer(told, next)),
      position: () => Effect.succeed(3n),
    };
    const processing: Processing<never, never> = {
      name: "test",
      open: () => Effect.succeed({ from: 7n, apply: () => Effect.succeed(7n), flush: Effect.succeed(7n) }),
      flushAge: undefined,
      isTransient: () => false,
    };
    const ending = yield* Deferred.make<void>();
    const running = yield* Effect.fork(run(subscription, processing, ending));
    expect(yield* Queue.take(told)).toBe(7n);
    yield* Deferred.succeed(ending, undefined);
    yield* Fiber.join(running);
  }),
);

/** Applies record 0, and gives record 1 `turns` turns before (negative) or after the flush of record 0 is due. */
const applied = (turns: number) =>
  Effect.gen(function* () {
    const clock = new VirtualClock();
    const source = yield* Queue.unbounded<LogRecord>();
    const offsets: Array<bigint> = [];
    let durable = 0n;
    const flush = Effect.sync(() => {
      durable = offsets.reduce((next, offset) => (offset >= next ? offset + 1n : next), durable);
      return durable;
    });
    const subscription: Subscription = {
      signals: yield* Queue.unbounded<Signal>(),
      fetch: () => Effect.map(Queue.take(source), (record) => [record]),
      commit: () => Effect.void,
      position: () => Effect.succeed(0n),
    };
    const apply = (records: ReadonlyArray<LogRecord>) =>
      Effect.sync(() => {
        offsets.push(...records.map(({ offset }) => offset));
        return durable;
      });
    const processing: Processing<never, never> = {
      name: "test",
      open: () => Effect.succeed({ from: 0n, apply, flush }),
      flushAge: Duration.millis(100),
      isTransient: () => false,
    };
    const ending = yield* Deferred.make<void>();
    const running = yield* Effect.fork(Effect.withClock(run(subscription, processing, ending), clock.clock));
    const give = (offset: bigint) => Queue.offer(source, { offset, appendedAt: 0, value: new Uint8Array() });
    const rest = (count: number) => (count > 0 ? Effect.repeatN(Effect.yieldNow(), count - 1) : Effect.void);
    yield* give(0n);
    yield* rest(50);
    const due = yield* Effect.fork(Effect.zipRight(rest(-turns), clock.step(100)));
    yield* rest(turns);
    yield* give(1n);
    yield* Fiber.join(due);
    yield* rest(50);
    yield* Deferred.succeed(ending, undefined);
    yield* Fiber.join(running);
    return offsets;
  });

it.effect("applies a batch that comes in the turn in which a flush is due", () =>
  Effect.gen(function* () {
    for (let turns = -20; turns <= 20; turns++) expect(yield* applied(turns), `${turns} turns`).toEqual([0n, 1n]);
  }),
);

it.effect("makes durable what it took before the log could not be read on", () =>
  Effect.gen(function* () {
    const told: Array<bigint> = [];
    const error = new EventLogError({ reason: "Unavailable", operation: "fetch", message: "an unknown codec" });
    const subscription: Subscription = {
      signals: yield* Queue.unbounded<Signal>(),
      fetch: (_partition, _epoch, from) =>
        from < 2n ? Effect.succeed([{ offset: from, appendedAt: 0, value: new Uint8Array() }]) : error,
      commit: (_partition, _epoch, next) => Effect.sync(() => void told.push(next)),
      position: () => Effect.succeed(0n),
    };
    let accepted = 0n;
    const apply = (records: ReadonlyArray<LogRecord>) =>
      Effect.sync(() => {
        accepted = records.at(-1)!.offset + 1n;
        return 0n;
      });
    const processing: Processing<never, never> = {
      name: "test",
      open: () => Effect.succeed({ from: 0n, apply, flush: Effect.sync(() => accepted) }),
      flushAge: Duration.hours(1),
      isTransient: () => false,
    };
    expect(yield* Effect.flip(run(subscription, processing, yield* Deferred.make<void>()))).toBe(error);
    expect(told).toEqual([2n]);
  }),
);

it.effect("tells that it is paused while its inbox is full, and that it drains once it is to let go", () =>
  Effect.gen(function* () {
    const gate = yield* Queue.unbounded<void>();
    const subscription: Subscription = {
      signals: yield* Queue.unbounded<Signal>(),
      fetch: (_partition, _epoch, from) =>
        Effect.succeed([{ offset: from, appendedAt: 0, value: new Uint8Array() } satisfies LogRecord]),
      commit: () => Effect.void,
      position: () => Effect.succeed(0n),
    };
    let next = 0n;
    const apply = (records: ReadonlyArray<LogRecord>) =>
      Effect.map(Queue.take(gate), () => {
        next += BigInt(records.length);
        return next;
      });
    const processing: Processing<never, never> = {
      name: "test",
      open: () => Effect.succeed({ from: 0n, apply, flush: Effect.sync(() => next) }),
      flushAge: undefined,
      isTransient: () => false,
    };
    const vitals = makePartition(0, makeHistogram([1]));
    const ending = yield* Deferred.make<void>();
    const running = yield* Effect.fork(run(subscription, processing, ending, vitals));
    yield* Effect.repeat(Effect.yieldNow(), { until: () => vitals.paused });
    expect(vitals).toMatchObject({ state: "running", draining: false, records: 0 });
    yield* Queue.offer(gate, undefined);
    yield* Effect.repeat(Effect.yieldNow(), { until: () => vitals.records === 1 });
    yield* Deferred.succeed(ending, undefined);
    yield* Effect.repeat(Effect.yieldNow(), { until: () => vitals.draining });
    yield* Effect.repeat(Queue.offer(gate, undefined), { times: 3 });
    yield* Fiber.join(running);
    expect(vitals.records).toBe(Number(next));
    expect(vitals.batches.told().count).toBe(vitals.records);
  }),
);

it.live(
  "applies many records in a turn of their own, so that others wait for one batch and not for those of all partitions",
  () =>
    Effect.gen(function* () {
      const applied: Array<number> = [];
      const records = (from: bigint) =>
        Array.from(
          { length: 40 },
          (_, i): LogRecord => ({ offset: from + BigInt(i), appendedAt: 0, value: new Uint8Array() }),
        );
      const subscription: Subscription = {
        signals: yield* Queue.unbounded<Signal>(),
        fetch: (_partition, _epoch, from) => (from < 200n ? Effect.succeed(records(from)) : Effect.never),
        commit: () => Effect.void,
        position: () => Effect.succeed(0n),
      };
      const processing = (done: Deferred.Deferred<void>): Processing<never, never> => ({
        name: "test",
        open: () =>
          Effect.succeed({
            from: 0n,
            apply: (some) =>
              Effect.gen(function* () {
                applied.push(turnNow());
                const next = some.at(-1)!.offset + 1n;
                if (next === 200n) yield* Deferred.succeed(done, undefined);
                return next;
              }),
            flush: Effect.succeed(0n),
          }),
        flushAge: undefined,
        isTransient: () => false,
      });
      yield* countingTurns(
        Effect.forEach(
          [0, 1, 2, 3],
          () =>
            Effect.gen(function* () {
              const done = yield* Deferred.make<void>();
              const running = yield* Effect.fork(run(subscription, processing(done), yield* Deferred.make<void>()));
              yield* Deferred.await(done);
              yield* Fiber.interrupt(running);
            }),
          { concurrency: "unbounded", discard: true },
        ),
      );
      expect(applied.length).toBe(20);
      expect(new Set(applied).size).toBe(20);
    }),
);
