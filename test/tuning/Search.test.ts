import { describe, expect, it } from "@effect/vitest";
import { Clock, Effect, Exit, Fiber, TestClock } from "effect";
import { type Plan, type Result, rungsFor, type Trial } from "../../src/tuning/Halving.ts";
import { search } from "../../src/tuning/Search.ts";
import { cellsOf, makeSpace } from "../../src/tuning/Space.ts";
import { defaults, noneGiven } from "./Defaults.ts";

const space = makeSpace(defaults, noneGiven, { pairs: 1000, rows: 500 }, () => true);
const plan: Plan = { seed: 1, space, rungs: rungsFor(1_000), first: [] };
const silent = { advance: () => {}, note: () => {} };

/** A trial takes `trial` seconds by the test's clock; of the time, `reserve` seconds are left. */
const searched = (minutes: number, trial: number, reserve: number, before: ReadonlyMap<string, Result> = new Map()) =>
  Effect.gen(function* () {
    const kept: Array<Result> = [];
    const started = yield* Clock.currentTimeMillis;
    const measure = (one: Trial) =>
      Effect.as(Effect.sleep(`${trial} seconds`), {
        ...one,
        events: 300,
        sums: one.arms.map((arm) => cellsOf(space, arm).map((_, cell) => 30 + (cell % 7) + one.parameters.rank / 100)),
        trainSeconds: trial,
        passSeconds: 0,
      });
    const keep = (result: Result) => Effect.sync(() => kept.push(result));
    const fiber = yield* Effect.fork(
      search(
        { plan, results: before, deadline: started + 60_000 * minutes, reserve: () => reserve, task: silent },
        measure,
        keep,
      ).pipe(Effect.exit, Effect.zip(Clock.currentTimeMillis)),
    );
    yield* TestClock.adjust("1 hours");
    const [exit, ended] = yield* Fiber.join(fiber);
    return { exit, ended: (ended - started) / 1000, kept };
  });

describe("search", () => {
  it.effect("ends when what is left is needed for the comparison, and a trial under way counts for nothing", () =>
    Effect.gen(function* () {
      const { ended, exit, kept } = yield* searched(1, 7, 10);
      expect(Exit.isSuccess(exit) && exit.value.results.size).toBe(7);
      expect(kept.length).toBe(7);
      expect(ended).toBe(50);
      expect(Exit.isSuccess(exit) && exit.value.isExhausted).toBe(false);
    }),
  );

  it.effect("fails where the default cannot be measured to the end, whose trials are kept, and goes on from them", () =>
    Effect.gen(function* () {
      const first = yield* searched(1, 25, 5);
      expect(first.kept.map(({ rung }) => rung)).toEqual([0, 1]);
      expect(first.ended).toBe(55);
      expect(Exit.isFailure(first.exit) && String(first.exit.cause)).toMatch(/before the default itself was measured/);
    }),
  );

  it.effect("goes on from trials of before without measuring the default again", () =>
    Effect.gen(function* () {
      const first = yield* searched(1, 10, 5);
      const before = first.exit;
      if (Exit.isFailure(before)) return expect.fail("it ended in failure");
      expect(first.kept.length).toBe(5);
      const again = yield* searched(0.5, 10, 100, before.value.results);
      expect(again).toMatchObject({ ended: 0, kept: [] });
      expect(Exit.isSuccess(again.exit) && again.exit.value.best).toEqual(before.value.best);
    }),
  );
});
