import { describe, expect, it } from "@effect/vitest";
import { Chunk, Duration, Effect, Fiber, Stream, TestClock } from "effect";
import fc from "fast-check";
import { saltedHash, type Tombstone } from "../../src/domain/Forgotten.ts";
import { EventLog, type EventLogError } from "../../src/ports/EventLog.ts";
import { ForgottenError } from "../../src/ports/Forgotten.ts";
import { type Draft, eventIdOf } from "../../src/simulation/Draft.ts";
import { askedEach, askedEverySecond, type MaySend } from "../../src/simulation/NotForgotten.ts";
import { type Pace, produce } from "../../src/simulation/Produce.ts";
import { memoryForgotten, salt } from "../support/MemoryForgotten.ts";
import { away, makeFakeLog } from "./FakeLog.ts";

const draft = (n: number): Draft => ({ userId: `u${n % 5}`, itemId: `i${n}`, eventType: "click", quantity: 1 });
const endless = Stream.range(0, 10_000_000).pipe(Stream.rechunk(512), Stream.map(draft));
const rate = (perSecond: number): Pace => ({ _tag: "Rate", perSecond });
const catchUp = Duration.seconds(2);
const everything: MaySend = (drafts) => Effect.succeed(new Set(drafts));
const defaults = { catchUp, seed: 9, timestamps: "now", maySend: everything } as const;

const start = (
  drafts: Stream.Stream<Draft>,
  pace: Pace,
  before?: (appends: number) => Effect.Effect<void, EventLogError>,
  timestamps: "now" | "keep" = "now",
) =>
  Effect.gen(function* () {
    const log = makeFakeLog(before);
    const fiber = yield* produce(drafts, { ...defaults, pace, timestamps }).pipe(
      Effect.provideService(EventLog, log.service),
      Effect.fork,
    );
    yield* Effect.yieldNow();
    return { appended: log.appended, fiber };
  });

describe("produce", () => {
  for (const [perSecond, step] of [
    [0.5, 1_000],
    [10, 1_000],
    [333, 50],
    [20_000, 25],
  ] as const) {
    it.effect(`sends exactly as many events as are due at ${perSecond} per second`, () =>
      Effect.gen(function* () {
        const { appended, fiber } = yield* start(endless, rate(perSecond));
        for (let steps = 1; steps <= 4; steps++) {
          yield* TestClock.adjust(Duration.millis(step));
          expect(appended.length).toBe(Math.floor((perSecond * step * steps) / 1000));
        }
        yield* Fiber.interrupt(fiber);
      }),
    );
  }

  it.effect("sends every draft once and in order, with ids by seed and number, keyed by user, and ends", () =>
    Effect.gen(function* () {
      const { appended, fiber } = yield* start(Stream.take(endless, 1_300), rate(20_000));
      yield* TestClock.adjust("2 seconds");
      expect(yield* Fiber.join(fiber)).toBe(1_300);
      expect(appended.map(({ event }) => event.itemId)).toEqual(Array.from({ length: 1_300 }, (_, n) => `i${n}`));
      expect(new Set(appended.map(({ event }) => event.eventId)).size).toBe(1_300);
      appended.forEach(({ key, event, at }, n) => {
        if (key !== event.userId || event.eventId !== eventIdOf(9, n) || event.timestamp !== at / 1000) {
          expect.fail(`event ${n} is ${JSON.stringify(event)}`);
        }
      });
    }),
  );

  it.effect("after a stall sends what is overdue by less than the limit, then goes on at its rate", () =>
    Effect.gen(function* () {
      const { appended, fiber } = yield* start(endless, rate(10), (appends) =>
        appends === 10 ? Effect.sleep("60 seconds") : Effect.void,
      );
      yield* TestClock.adjust("1 second");
      expect(appended.length).toBe(10);
      yield* TestClock.adjust("60100 millis");
      const caughtUp = appended.length;
      expect(caughtUp).toBeGreaterThanOrEqual(10 + 20);
      expect(caughtUp).toBeLessThanOrEqual(10 + 22);
      yield* TestClock.adjust("5 seconds");
      expect(appended.length).toBe(caughtUp + 50);
      yield* Fiber.interrupt(fiber);
    }),
  );

  it.effect("catches up in full after a short stall", () =>
    Effect.gen(function* () {
      const { appended, fiber } = yield* start(endless, rate(10), (appends) =>
        appends === 5 ? Effect.sleep("1500 millis") : Effect.void,
      );
      yield* TestClock.adjust("10 seconds");
      expect(appended.length).toBe(100);
      yield* Fiber.interrupt(fiber);
    }),
  );

  it.effect("waits for a log that is away and loses nothing", () =>
    Effect.gen(function* () {
      const { appended, fiber } = yield* start(Stream.take(endless, 30), rate(10), (appends) =>
        appends >= 3 && appends < 9 ? Effect.fail(away) : Effect.void,
      );
      yield* TestClock.adjust("5 minutes");
      expect(yield* Fiber.join(fiber)).toBe(30);
      expect(appended.map(({ event }) => event.itemId)).toEqual(Array.from({ length: 30 }, (_, n) => `i${n}`));
    }),
  );

  it.effect("follows the drafts' own times, sped up, and keeps them if told to", () =>
    Effect.gen(function* () {
      const times = [1_000, 1_060, 1_060.5, 1_600];
      const drafts = Stream.fromIterable(times.map((timestamp, n) => ({ ...draft(n), timestamp })));
      const { appended, fiber } = yield* start(drafts, { _tag: "Speed", times: 60 }, undefined, "keep");
      expect(appended.length).toBe(1);
      yield* TestClock.adjust("1 second");
      expect(appended.length).toBe(2);
      yield* TestClock.adjust("9 seconds");
      expect(yield* Fiber.join(fiber)).toBe(4);
      expect(appended.map(({ event }) => event.timestamp)).toEqual(times);
    }),
  );
});

it("words a UUID per seed and number, no two alike", () => {
  const number = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(seed, number, seed, number, (one, first, other, second) => {
      expect(eventIdOf(one, first)).toMatch(/^[0-9a-f]{8}-0000-8000-8000-[0-9a-f]{12}$/);
      expect(eventIdOf(one, first) === eventIdOf(other, second)).toBe(one === other && first === second);
    }),
  );
});

it.effect("reads its drafts as they are due, not ahead", () =>
  Effect.gen(function* () {
    let made = 0;
    const counted = Stream.repeatEffectChunk(Effect.sync(() => Chunk.of(draft(made++))));
    const { fiber } = yield* start(counted, rate(10));
    yield* TestClock.adjust("3 seconds");
    expect(made).toBeLessThanOrEqual(32);
    yield* Fiber.interrupt(fiber);
  }),
);

describe("whoever is forgotten", () => {
  const forgotten = (userId: string, forgottenAt: number): Tombstone => {
    const hash = saltedHash(salt, userId);
    return { hash, forgottenAt, done: {} };
  };

  for (const [named, asked, late] of [
    ["each batch", askedEach, 0],
    ["every second", askedEverySecond, 1],
  ] as const) {
    it.effect(`sends nothing more, asked ${named}, and the others' ids stay what they were`, () =>
      Effect.gen(function* () {
        const tombstones = new Map<string, Tombstone>();
        const log = makeFakeLog();
        const maySend = yield* Effect.provide(asked, memoryForgotten(tombstones));
        const fiber = yield* produce(endless, { ...defaults, pace: rate(10), maySend }).pipe(
          Effect.provideService(EventLog, log.service),
          Effect.fork,
        );
        yield* TestClock.adjust("2 seconds");
        expect(log.appended.length).toBe(20);
        const gone = forgotten("u3", 2);
        tombstones.set(gone.hash, gone);
        yield* TestClock.adjust(`${late} seconds`);
        yield* TestClock.adjust("5 seconds");
        const after = log.appended.filter(({ at }) => at > 2_000 + 1_000 * late);
        expect(after.length).toBe(40);
        for (const { event } of after) {
          expect(event.userId).not.toBe("u3");
          expect(event.eventId).toBe(eventIdOf(9, Number(event.itemId.slice(1))));
        }
        yield* Fiber.interrupt(fiber);
      }),
    );
  }

  it.effect("of a history, sends what they did after they had come back", () =>
    Effect.gen(function* () {
      const gone = forgotten("u0", 1_500);
      const maySend = yield* Effect.provide(askedEach, memoryForgotten(new Map([[gone.hash, gone]])));
      const at = (timestamp: number) => ({ ...draft(0), timestamp });
      const drafts = [at(1_000), at(1_500), at(1_501), draft(0), draft(1)];
      expect([...(yield* maySend(drafts))]).toEqual([drafts[2], drafts[4]]);
    }),
  );

  it.effect("is waited for while it cannot be told who that is", () =>
    Effect.gen(function* () {
      let asked = 0;
      const maySend: MaySend = (drafts) =>
        Effect.suspend(() =>
          asked++ < 3
            ? Effect.fail(new ForgottenError({ reason: "Unavailable", message: "no store" }))
            : Effect.succeed(new Set(drafts)),
        );
      const log = makeFakeLog();
      const fiber = yield* produce(Stream.take(endless, 5), { ...defaults, pace: rate(10), maySend }).pipe(
        Effect.provideService(EventLog, log.service),
        Effect.fork,
      );
      yield* Effect.repeatN(Effect.zipRight(Effect.yieldNow(), TestClock.adjust("1 second")), 60);
      expect(yield* Fiber.join(fiber)).toBe(5);
      expect(log.appended.map(({ event }) => event.itemId)).toEqual(["i0", "i1", "i2", "i3", "i4"]);
    }),
  );
});
