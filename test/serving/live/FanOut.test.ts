import type { Readable } from "node:stream";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Fiber, TestClock } from "effect";
import { makeFanOut } from "../../../src/serving/live/FanOut.ts";

const of = (most: number) => makeFanOut(most, (lost) => `${lost} lost`);

/** What was pushed, text by text, until its end. */
const all = (texts: Readable) => Effect.promise(async () => (await texts.toArray()).map(String));

const othersTurn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)));

describe("a fan-out", () => {
  it.effect("gives all listeners the same, each what came since it joined", () =>
    Effect.gen(function* () {
      const { end, join, send, size } = of(10);
      const one = join([]);
      yield* send("a");
      const other = join(["first"]);
      yield* send("b");
      expect(size()).toBe(2);
      yield* end;
      expect(yield* all(one)).toEqual(["a", "b"]);
      expect(yield* all(other)).toEqual(["first", "b"]);
      expect(size()).toBe(0);
    }),
  );

  it.effect("keeps a bounded number for who does not read, drops the oldest, and tells how many", () =>
    Effect.gen(function* () {
      const { end, join, send } = of(3);
      const slow = join([]);
      for (let n = 0; n < 1000; n++) yield* send(String(n));
      yield* end;
      expect(yield* all(slow)).toEqual(["997 lost", "997", "998", "999"]);
    }),
  );

  it.effect("holds one text back for who stopped reading, and goes on where it was", () =>
    Effect.gen(function* () {
      const { end, join, send } = of(2);
      const texts = join([]);
      const heard: Array<string> = [];
      texts.on("data", (text) => heard.push(String(text)));
      yield* othersTurn;
      yield* send("a");
      expect(heard).toEqual(["a"]);
      texts.pause();
      for (const text of ["b", "c", "d", "e", "f"]) yield* send(text);
      yield* end;
      texts.resume();
      yield* othersTurn;
      yield* othersTurn;
      expect(heard).toEqual(["a", "b", "2 lost", "e", "f"]);
    }),
  );

  it.effect("ends after what is the last for a listener, and for that one alone", () =>
    Effect.gen(function* () {
      const { join, send, size } = of(9);
      const short = join(["a"], (text) => text === "b");
      join([]);
      yield* send("b");
      yield* send("c");
      expect(yield* all(short)).toEqual(["a", "b"]);
      expect(size()).toBe(1);
    }),
  );

  it.effect("tells many a few at a time, so that others have their turn", () =>
    Effect.gen(function* () {
      const { join, send } = of(3);
      let reached = 0;
      for (let n = 0; n < 10; n++) join([]).on("data", () => reached++);
      yield* othersTurn;
      const sending = yield* Effect.fork(send("a"));
      for (const expected of [4, 8, 10]) {
        yield* Effect.repeatN(Effect.yieldNow(), 50);
        expect(reached).toBe(expected);
        yield* TestClock.adjust("20 millis");
      }
      yield* Fiber.join(sending);
    }),
  );

  it.effect("forgets who left, and lets nobody wait after its end", () =>
    Effect.gen(function* () {
      const { end, join, size } = of(1);
      join([]).destroy();
      yield* othersTurn;
      expect(size()).toBe(0);
      yield* end;
      expect(yield* all(join([]))).toEqual([]);
    }),
  );
});
