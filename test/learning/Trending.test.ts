import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { advanceTrend, halfLifeSeconds, mergeTrending, type TrendEvent } from "../../src/learning/Trending.ts";
import type { PartitionTrend } from "../../src/ports/UserStates.ts";

const events = fc.array(
  fc.record({ itemIdx: fc.nat(20), weight: fc.constantFrom(0.1, 0.5, 1), time: fc.nat(3 * halfLifeSeconds) }),
  { minLength: 1, maxLength: 40 },
);

it("is the sum of weights, each faded by its own age, however the events are batched", () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 10 }), (list, size) => {
      let trend: PartitionTrend | undefined;
      for (let at = 0; at < list.length; at += size) {
        trend = advanceTrend(trend, list.slice(at, at + size), BigInt(at + size));
      }
      const newest = Math.max(...list.map(({ time }) => time));
      const wanted = new Map<number, number>();
      for (const { itemIdx, time, weight } of list as Array<TrendEvent>) {
        wanted.set(itemIdx, (wanted.get(itemIdx) ?? 0) + weight * 0.5 ** ((newest - time) / halfLifeSeconds));
      }
      expect(trend?.asOf).toBe(newest);
      expect([...(trend?.scores.keys() ?? [])].sort()).toEqual([...wanted.keys()].sort());
      for (const [itemIdx, score] of wanted) expect(trend?.scores.get(itemIdx)).toBeCloseTo(score, 9);
    }),
  );
});

it("puts what sells now on top of what sold in the batch's days, and lets it fade", () => {
  const popular = {
    asOf: 0,
    windowDays: 30,
    items: [
      { itemIdx: 1, buyers: 3 },
      { itemIdx: 2, buyers: 2 },
    ],
  };
  const trend = advanceTrend(
    undefined,
    Array.from({ length: 5 }, () => ({ itemIdx: 9, weight: 1, time: 100 })),
    5n,
  );
  expect(mergeTrending(popular, [trend], 100).map(({ itemIdx }) => itemIdx)).toEqual([9, 1, 2]);
  expect(mergeTrending(popular, [trend], 100 + 2 * halfLifeSeconds).map(({ itemIdx }) => itemIdx)).toEqual([1, 2, 9]);
  expect(mergeTrending(undefined, [], 0)).toEqual([]);
});
