import { describe, expect, it } from "@effect/vitest";
import { Deferred, Effect, Fiber, Option, TestClock } from "effect";
import { makeStandstill } from "../../src/catalogue/Standstill.ts";

const turns = Effect.repeatN(Effect.yieldNow(), 20);

const isWaiting = (fiber: Fiber.Fiber<unknown>) => Effect.map(Fiber.poll(fiber), Option.isNone);

/** Hears until it is told to have heard, and counts how often. */
const setUp = Effect.gen(function* () {
  let [heard, now] = [0, 0];
  const all = yield* Deferred.make<void>();
  const hear = Effect.suspend(() => {
    heard++;
    return Deferred.await(all);
  });
  const { current, look } = yield* makeStandstill(hear, () => now, Effect.sleep);
  const pass = (millis: number) => {
    now += millis;
    return TestClock.adjust(millis);
  };
  return { all, current, look, pass, heard: () => heard };
});

describe("who answers", () => {
  it.scoped("waits for nothing while the process has its turns", () =>
    Effect.gen(function* () {
      const { current, heard, look, pass } = yield* setUp;
      for (let i = 0; i < 20; i++) {
        yield* pass(500);
        look();
      }
      yield* pass(1000);
      yield* current;
      expect(heard()).toBe(0);
    }),
  );

  it.scoped("waits, after a standstill, until what was said meanwhile is heard: once for all who ask", () =>
    Effect.gen(function* () {
      const { all, current, heard, pass } = yield* setUp;
      yield* pass(1001);
      const asking = yield* Effect.forkAll([current, current, current]);
      yield* turns;
      expect([heard(), yield* isWaiting(asking)]).toEqual([1, true]);
      yield* Deferred.succeed(all, undefined);
      yield* Fiber.join(asking);
      yield* current;
      expect(heard()).toBe(1);
      yield* pass(5000);
      yield* current;
      expect(heard()).toBe(2);
    }),
  );

  it.scoped("waits as well where a look was the first to notice", () =>
    Effect.gen(function* () {
      const { all, current, heard, look, pass } = yield* setUp;
      yield* pass(5000);
      look();
      const asking = yield* Effect.fork(current);
      yield* turns;
      expect([heard(), yield* isWaiting(asking)]).toEqual([1, true]);
      yield* Deferred.succeed(all, undefined);
      yield* Fiber.join(asking);
    }),
  );

  it.scoped("waits a second in all where nothing is heard", () =>
    Effect.gen(function* () {
      const { current, heard, look, pass } = yield* setUp;
      yield* pass(5000);
      const first = yield* Effect.fork(current);
      yield* turns;
      yield* pass(900);
      const second = yield* Effect.fork(current);
      yield* turns;
      expect([yield* isWaiting(first), yield* isWaiting(second)]).toEqual([true, true]);
      yield* pass(100);
      yield* Fiber.join(first);
      yield* Fiber.join(second);
      look();
      yield* current;
      expect(heard()).toBe(1);
    }),
  );
});
