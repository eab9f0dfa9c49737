import { describe, expect, it } from "@effect/vitest";
import { Data, Deferred, Duration, Effect, Fiber, TestClock } from "effect";
import { makeWaiting, orElse } from "../../src/vitals/Waiting.ts";

class StoreError extends Data.TaggedError("UserStatesError")<{ readonly message: string }> {}

const away = new StoreError({ message: "it is away" });

/** A store that answers when it is told to, and how often it was asked. */
const makeStore = Effect.map(Deferred.make<string, StoreError>(), (answer) => {
  let asked = 0;
  return {
    answer,
    asked: () => asked,
    ask: Effect.suspend(() => {
      asked += 1;
      return Deferred.await(answer);
    }),
  };
});

/** What is answered, and after how many milliseconds. */
const timed = Effect.fnUntraced(function* (self: Effect.Effect<string>) {
  const fiber = yield* Effect.fork(Effect.timed(self));
  for (let waited = 0; waited < 400; waited += 50) {
    yield* Effect.repeatN(Effect.yieldNow(), 20);
    yield* TestClock.adjust("50 millis");
  }
  const [took, value] = yield* Fiber.join(fiber);
  return { value, took: Duration.toMillis(took) };
});

describe("who answers without a store", () => {
  it.effect("is told once that it is away, and once that it is back", () =>
    Effect.gen(function* () {
      const waiting = makeWaiting("api");
      expect(yield* orElse(waiting, "shopper", Effect.fail(away), "none")).toBe("none");
      expect(yield* orElse(waiting, "shopper", Effect.fail(away), "none")).toBe("none");
      expect(waiting.outages()).toEqual([{ store: "user states", reason: "it is away" }]);
      expect(yield* orElse(waiting, "shopper", Effect.succeed("known"), "none")).toBe("known");
      expect(waiting.outages()).toEqual([]);
    }),
  );

  it.effect("waits for it as long as it takes where none is known to be away", () =>
    Effect.gen(function* () {
      const waiting = makeWaiting("api");
      const store = yield* makeStore;
      const asking = yield* Effect.fork(orElse(waiting, "shopper", store.ask, "none"));
      yield* TestClock.adjust("20 seconds");
      yield* Deferred.succeed(store.answer, "known");
      expect(yield* Fiber.join(asking)).toBe("known");
    }),
  );

  it.effect("asks once at a time whether it is back, waits 300 ms for that, and others not at all", () =>
    Effect.gen(function* () {
      const waiting = makeWaiting("api");
      const store = yield* makeStore;
      const ask = orElse(waiting, "shopper", store.ask, "none");
      yield* orElse(waiting, "shopper", Effect.fail(away), "none");
      expect(yield* timed(ask)).toEqual({ value: "none", took: 300 });
      expect(yield* timed(ask)).toEqual({ value: "none", took: 0 });
      expect(store.asked()).toBe(1);
      yield* Deferred.succeed(store.answer, "known");
      yield* Effect.repeatN(Effect.yieldNow(), 20);
      expect(waiting.outages()).toEqual([]);
      expect(yield* timed(ask)).toEqual({ value: "known", took: 0 });
    }),
  );

  it.effect("asks again after a probe that failed", () =>
    Effect.gen(function* () {
      const waiting = makeWaiting("api");
      const [first, second] = [yield* makeStore, yield* makeStore];
      yield* orElse(waiting, "shopper", Effect.fail(away), "none");
      yield* timed(orElse(waiting, "shopper", first.ask, "none"));
      yield* Deferred.fail(first.answer, away);
      yield* Effect.repeatN(Effect.yieldNow(), 20);
      yield* Deferred.succeed(second.answer, "known");
      expect(yield* timed(orElse(waiting, "shopper", second.ask, "none"))).toEqual({ value: "known", took: 0 });
    }),
  );

  it.effect("asks other stores for each answer, and waits 300 ms for them", () =>
    Effect.gen(function* () {
      const waiting = makeWaiting("api");
      const store = yield* makeStore;
      yield* orElse(waiting, "trends", Effect.fail(away), "none");
      const ask = orElse(waiting, "shopper", store.ask, "none");
      expect(yield* timed(ask)).toEqual({ value: "none", took: 300 });
      expect(yield* timed(ask)).toEqual({ value: "none", took: 300 });
      expect(store.asked()).toBe(2);
      expect(yield* timed(orElse(waiting, "taste", Effect.succeed("near"), "none"))).toEqual({
        value: "near",
        took: 0,
      });
    }),
  );

  it.effect("may be interrupted, and leaves the asking to nobody's loss", () =>
    Effect.gen(function* () {
      const waiting = makeWaiting("api");
      const store = yield* makeStore;
      yield* orElse(waiting, "shopper", Effect.fail(away), "none");
      const asking = yield* Effect.fork(orElse(waiting, "shopper", store.ask, "none"));
      yield* Effect.yieldNow();
      yield* Fiber.interrupt(asking);
      yield* Deferred.succeed(store.answer, "known");
      yield* Effect.repeatN(Effect.yieldNow(), 20);
      expect(waiting.probing.size).toBe(0);
      expect(yield* orElse(waiting, "shopper", Effect.succeed("known"), "none")).toBe("known");
    }),
  );
});
