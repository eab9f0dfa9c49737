/** What Spark says nothing of is told, once. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Fiber, Logger, TestClock } from "effect";
import type { SparkProgress } from "../../../../layers/engines/spark/Session.ts";
import { tellingSilence } from "../../../../layers/engines/spark/Silence.ts";

describe("Silence", () => {
  it.effect("is told once where nothing was heard of a step for two minutes, and not while something is", () => {
    const told: Array<string> = [];
    const logger = Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ message }) => void told.push(String(message))),
    );
    return Effect.gen(function* () {
      let hear: (progress: SparkProgress) => void = () => {};
      const seen: Array<SparkProgress> = [];
      const work = tellingSilence(
        { step: "ids.number", log: "/data/spark/batch.log" },
        (one) => seen.push(one),
        (heard) => {
          hear = heard;
          return Effect.delay(Effect.succeed("done"), "1 hour");
        },
      );
      const fiber = yield* Effect.fork(work);
      for (let minute = 1; minute <= 10; minute++) {
        yield* TestClock.adjust("1 minute");
        hear({ stage: "sums", done: minute, of: 20 });
      }
      expect(told).toEqual([]);
      expect(seen.length).toBe(10);
      yield* TestClock.adjust("5 minutes");
      expect(told).toEqual([expect.stringMatching(/^Spark has told nothing of ids.number .*batch\.log\)$/)]);
      yield* TestClock.adjust("45 minutes");
      expect(yield* Fiber.join(fiber)).toBe("done");
      expect(told.length).toBe(1);
    }).pipe(Effect.provide(logger));
  });
});
