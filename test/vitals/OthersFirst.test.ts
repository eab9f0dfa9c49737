import { expect, it } from "@effect/vitest";
import { Effect, Fiber } from "effect";
import { eachInTurn, othersFirst } from "../../src/vitals/OthersFirst.ts";
import { countingTurns, turnNow } from "../support/Turns.ts";

it.live("of several that wait one goes on in a turn, in their order, and none that was interrupted", () =>
  Effect.gen(function* () {
    const went: Array<{ readonly who: number; readonly turn: number }> = [];
    const { turns } = yield* countingTurns(
      Effect.gen(function* () {
        const all = yield* Effect.forEach(Array.from({ length: 20 }).keys(), (who) =>
          Effect.fork(
            Effect.zipRight(
              othersFirst,
              Effect.sync(() => void went.push({ who, turn: turnNow() })),
            ),
          ),
        );
        yield* Effect.yieldNow();
        for (const at of [0, 7, 19]) yield* Fiber.interrupt(all[at]);
        yield* Effect.forEach(all, Fiber.await);
      }),
    );
    expect(went.map(({ who }) => who)).toEqual(
      Array.from({ length: 20 }, (_, i) => i).filter((i) => (i % 19) % 7 !== 0 || i === 14),
    );
    expect(new Set(went.map(({ turn }) => turn)).size).toBe(went.length);
    expect(turns).toBeGreaterThanOrEqual(went.length);
  }),
);

it.live("what is made piece by piece is the same, and lets others have their turn after every few", () =>
  Effect.gen(function* () {
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const { turns, value } = yield* countingTurns(eachInTurn(numbers, 10, (one, at) => Effect.succeed(one * at)));
    expect(value).toEqual(numbers.map((one) => one * one));
    expect(turns).toBeGreaterThanOrEqual(10);
  }),
);
