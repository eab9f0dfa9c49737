import { describe, expect, it } from "@effect/vitest";
import { Chunk, Effect, Fiber, Stream, TestClock } from "effect";
import { makeFanOut } from "../../../src/serving/live/FanOut.ts";

const of = (most: number) => makeFanOut(most, (lost) => `${lost} lost`);

describe("a fan-out", () => {
  it.effect("gives all listeners the same, each what came since it joined", () =>
    Effect.gen(function* () {
      const { end, join, send, size } = of(10);
      const one = yield* join([]);
      yield* send("a");
      const other = yield* join(["first"]);
      yield* send("b");
      expect(size()).toBe(2);
      yield* end;
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(one))).toEqual(["a", "b"]);
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(other))).toEqual(["first", "b"]);
    }).pipe(Effect.scoped),
  );

  it.effect("keeps a bounded number for who does not read, drops the oldest, and tells how many", () =>
    Effect.gen(function* () {
      const { end, join, send } = of(3);
      const slow = yield* join([]);
      for (let n = 0; n < 1000; n++) yield* send(String(n));
      yield* end;
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(slow))).toEqual(["997 lost", "997", "998", "999"]);
    }).pipe(Effect.scoped),
  );

  it.effect("wakes who waits, and tells of a loss once", () =>
    Effect.gen(function* () {
      const { join, send } = of(1);
      const reading = yield* Effect.fork(Stream.runCollect(Stream.take(yield* join([]), 4)));
      yield* Effect.yieldNow();
      yield* send("a");
      yield* send("b");
      yield* Effect.repeatN(Effect.yieldNow(), 20);
      yield* send("c");
      yield* Effect.repeatN(Effect.yieldNow(), 20);
      yield* send("d");
      expect(Chunk.toReadonlyArray(yield* Fiber.join(reading))).toEqual(["1 lost", "b", "c", "d"]);
    }).pipe(Effect.scoped),
  );

  it.effect("tells many a few at a time, so that others have their turn", () =>
    Effect.gen(function* () {
      const { join, send } = of(3);
      const told = yield* Effect.forEach(Array.from({ length: 10 }), () => join([]));
      let reached = 0;
      yield* Effect.forEach(told, (texts) =>
        Effect.fork(Stream.runForEach(texts, () => Effect.sync(() => void reached++))),
      );
      const sending = yield* Effect.fork(send("a"));
      for (const expected of [4, 8, 10]) {
        yield* Effect.repeatN(Effect.yieldNow(), 50);
        expect(reached).toBe(expected);
        yield* TestClock.adjust("20 millis");
      }
      yield* Fiber.join(sending);
    }).pipe(Effect.scoped),
  );

  it.effect("forgets who left, and lets nobody wait after its end", () =>
    Effect.gen(function* () {
      const { end, join, size } = of(1);
      yield* Effect.scoped(join([]));
      expect(size()).toBe(0);
      yield* end;
      expect(Chunk.size(yield* Stream.runCollect(yield* join([])))).toBe(0);
    }).pipe(Effect.scoped),
  );
});
