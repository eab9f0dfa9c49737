import { Clock, Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atOnce, begunWith, spread } from "../../../src/serving/storefront/Known.ts";

describe("a sample of indices", () => {
  it("is spread over all of them, each once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 500 }), (count, most) => {
        const sample = spread(count, most);
        expect(sample.length).toBe(Math.min(count, most));
        expect(new Set(sample).size).toBe(sample.length);
        for (const index of sample) expect(index >= 0 && index < count).toBe(true);
        if (count > most) expect(sample.at(-1)).toBeGreaterThanOrEqual(count - Math.ceil(count / most) - 1);
      }),
    );
  });
});

describe("a search for a beginning", () => {
  const asked: Array<number> = [];
  const users = {
    userIdsOf: (_: string, indices: ReadonlyArray<number>) => {
      asked.push(...indices);
      return Effect.succeed(indices.map((index) => `shopper-${index}`));
    },
  };
  const found = (count: number, text: string) => {
    asked.length = 0;
    return Effect.runPromise(Effect.withClock(begunWith(users, "a", count, text), standing));
  };
  /** No time passes, so that it is never up. */
  const standing = { ...Clock.make(), currentTimeMillis: Effect.succeed(0) };

  it("finds one among many times as many as are looked at in a time, having looked at each once", async () => {
    const count = 4 * atOnce + 3;
    for (const one of [1, atOnce + 1, count - 1]) {
      expect((await found(count, `shopper-${one}`)).ids).not.toContain(`shopper-${one}`);
      expect((await found(count, `shopper-${one}`.slice(0, -1))).ids).not.toEqual([]);
    }
    expect(await found(count, "nobody")).toEqual({ ids: [], looked: count });
    expect(asked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
    expect(await found(0, "shopper")).toEqual({ ids: [], looked: 0 });
  });

  it("looks no further than it must", async () => {
    const { ids, looked } = await found(10 * atOnce, "shopper");
    expect([ids.length, looked, asked.length]).toEqual([8, atOnce, atOnce]);
  });
});
