import { describe, expect, it } from "@effect/vitest";
import { Chunk, Duration, Effect, Fiber, Schedule, TestClock } from "effect";
import { backOff, before, pauseMillis } from "../../src/ports/BackOff.ts";

/** The longest pauses of `backOff("100 millis", "5 seconds")`. */
const longest = [100, 200, 400, 800, 1600, 3200, 5000, 5000];

const pausesOf = (schedule: Schedule.Schedule<unknown>, tries: number) =>
  Effect.map(Schedule.run(Schedule.delays(schedule), 0, Array.from({ length: tries })), (pauses) =>
    Chunk.toReadonlyArray(pauses).map(Duration.toMillis),
  );

describe("BackOff", () => {
  it.effect("waits half or more of twice as long each time, up to the longest pause", () =>
    Effect.gen(function* () {
      const all = yield* Effect.replicateEffect(pausesOf(backOff("100 millis", "5 seconds"), longest.length), 50);
      longest.forEach((most, i) => {
        const pauses = all.map((one) => one[i]!);
        expect(Math.min(...pauses)).toBeGreaterThanOrEqual(most / 2);
        expect(Math.max(...pauses)).toBeLessThanOrEqual(most);
        expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(most / 10);
      });
    }),
  );

  it("tells the same to clients that wait by themselves, however often they failed", () => {
    longest.forEach((most, i) => {
      expect(pauseMillis(i + 1, "100 millis", "5 seconds", 0)).toBe(most / 2);
      expect(pauseMillis(i + 1, "100 millis", "5 seconds", 1)).toBe(most);
    });
    expect(pauseMillis(1e6, "100 millis", "5 seconds", 1)).toBe(5000);
  });

  it.effect("gives up at once where the next try would come too late", () =>
    Effect.gen(function* () {
      let tries = 0;
      const tried = Effect.suspend(() => {
        tries += 1;
        return Effect.fail("away");
      });
      const failing = yield* tried.pipe(
        Effect.retry(before(1000)(Schedule.spaced("300 millis"))),
        Effect.flip,
        Effect.fork,
      );
      yield* TestClock.adjust("899 millis");
      expect(yield* Fiber.poll(failing)).toMatchObject({ _tag: "None" });
      yield* TestClock.adjust("1 millis");
      expect(yield* Fiber.join(failing)).toBe("away");
      expect(tries).toBe(4);
    }),
  );
});
