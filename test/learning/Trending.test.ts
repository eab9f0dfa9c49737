import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import type { Popularity } from "../../src/learning/BlendSearch.ts";
import {
  advanceTrend,
  formerHalfLife,
  keptTrendItems,
  mergePopularity,
  mergeTrending,
  type TrendEvent,
} from "../../src/learning/Trending.ts";
import type { PartitionTrend } from "../../src/ports/UserStates.ts";

const halfLife = 86_400;
const event = fc.record({ itemIdx: fc.nat(20), weight: fc.constantFrom(0.1, 0.5, 1), time: fc.nat(3 * halfLife) });
/** From a few half-lives to so many that sums must be told as of a later time on the way. */
const spread = fc.constantFrom(1, 500);
const events = fc
  .tuple(fc.array(event, { minLength: 1, maxLength: 40 }), spread)
  .map(([list, times]) => list.map((one) => ({ ...one, time: one.time * times })));

const inBatches = (list: ReadonlyArray<TrendEvent>, size: number, of = halfLife): PartitionTrend | undefined => {
  let trend: PartitionTrend | undefined;
  for (let at = 0; at < list.length; at += size) {
    trend = advanceTrend(trend, list.slice(at, at + size), BigInt(Math.min(list.length, at + size)), of);
  }
  return trend;
};

/** Each item's share by the formula, and the share of none. */
const sharesOf = (list: ReadonlyArray<TrendEvent>): ReadonlyMap<number, number> => {
  const newest = Math.max(...list.map(({ time }) => time));
  const faded = ({ time, weight }: TrendEvent) => weight * 2 ** ((time - newest) / halfLife);
  const all = list.reduce((sum, one) => sum + faded(one), 0);
  const shares = new Map<number, number>();
  for (const one of list) shares.set(one.itemIdx, (shares.get(one.itemIdx) ?? 0) + faded(one) / all);
  return shares;
};

describe("a partition's trend", () => {
  it("is the sum of weights, each faded by its own age", () => {
    fc.assert(
      fc.property(events, (list) => {
        const { scores, total } = inBatches(list, list.length)!;
        const shares = sharesOf(list);
        expect([...scores.keys()].sort()).toEqual([...shares.keys()].sort());
        for (const [itemIdx, share] of shares) expect(scores.get(itemIdx)! / total).toBeCloseTo(share, 9);
      }),
    );
  });

  it("does not depend on how events were batched, to the bit, also where items fall out", () => {
    const many = fc.integer({ min: 1, max: 1e9 }).map((seed) =>
      Array.from({ length: 3 * keptTrendItems }, (_, i) => ({
        itemIdx: (i * seed) % 1_999,
        weight: i % 2 === 0 ? 1 : 0.1,
        time: (i * 7_919) % (30 * halfLife),
      })),
    );
    fc.assert(
      fc.property(fc.oneof(events, many), fc.integer({ min: 1, max: 200 }), (list, size) => {
        const whole = inBatches(list, list.length)!;
        const found = inBatches(list, size)!;
        expect({ ...found, scores: [...found.scores] }).toEqual({ ...whole, scores: [...whole.scores] });
      }),
      { numRuns: 60 },
    );
  });

  it("keeps the best items, and of all others what they weigh together", () => {
    const list = Array.from({ length: 5_000 }, (_, itemIdx) => ({ itemIdx, weight: itemIdx < 50 ? 1 : 0.1, time: 9 }));
    const { scores, total } = inBatches(list, 64)!;
    expect(scores.size).toBeGreaterThanOrEqual(keptTrendItems);
    expect(scores.size).toBeLessThanOrEqual(2 * keptTrendItems);
    for (let itemIdx = 0; itemIdx < 50; itemIdx++) expect(scores.get(itemIdx)).toBe(1);
    expect(total).toBeCloseTo(50 + 495, 6);
  });
});

describe("popularity", () => {
  it("is the same whether the batch counted an event or one of the partitions", () => {
    const parts = fc.array(fc.nat(3), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(events, parts, (list, of) => {
        const partOf = (part: number) => list.filter((_, i) => of[i] === part);
        const shares = new Float64Array(21);
        const batch = partOf(0);
        const asOf = batch.length === 0 ? 0 : Math.max(...batch.map(({ time }) => time));
        const total = batch.reduce((sum, { time, weight }) => sum + weight * 2 ** ((time - asOf) / halfLife), 0);
        if (batch.length > 0) for (const [itemIdx, share] of sharesOf(batch)) shares[itemIdx] = share;
        const trends = [1, 2, 3].flatMap((part) => inBatches(partOf(part), 5) ?? []);
        const popularity = mergePopularity({ shares, total, asOf, halfLife }, trends, (itemIdx) => itemIdx);
        // What the batch counted before a long silence counts as of one half-life before the first that came after it.
        const first = Math.min(...trends.map((trend) => trend.asOf));
        const silence = trends.length === 0 ? 0 : Math.max(0, first - asOf - halfLife);
        const wanted = sharesOf(list.map((one, i) => (of[i] === 0 ? { ...one, time: one.time + silence } : one)));
        for (let row = 0; row < shares.length; row++) {
          expect(popularity.scores[row]! / popularity.total).toBeCloseTo(wanted.get(row) ?? 0, 9);
        }
      }),
    );
  });

  it("is not the first event's alone that comes years after the batch's", () => {
    const years = 6 * 365 * 86_400;
    const trend = advanceTrend(undefined, [{ itemIdx: 1, weight: 1, time: years }], 1n, halfLife);
    const batch = { shares: [0.75, 0.25], total: 100, asOf: 0, halfLife };
    const { scores, total } = mergePopularity(batch, [trend], (itemIdx) => itemIdx);
    expect([total, ...Array.from(scores)]).toEqual([51, 37.5, 13.5]);
    const none = advanceTrend(undefined, [], 0n, halfLife);
    expect(mergePopularity(batch, [none], (itemIdx) => itemIdx)).toEqual({
      scores: Float64Array.of(75, 25),
      total: 100,
      most: 75,
    });
  });

  it("counts items of another model in the total alone", () => {
    const trend = { next: 1n, asOf: 0, total: 4, scores: new Map([[9, 3]]) };
    const batch = { shares: [0.25, 0.75], total: 4, asOf: 0, halfLife };
    const merged: Popularity = mergePopularity(batch, [trend], () => undefined);
    expect(merged).toEqual({ scores: Float64Array.of(1, 3), total: 8, most: 3 });
  });
});

it("puts, of a model of before, what sells now on top of what sold in the batch's days, and lets it fade", () => {
  const popular = {
    asOf: 0,
    windowDays: 30,
    items: [
      { itemIdx: 1, buyers: 3 },
      { itemIdx: 2, buyers: 2 },
    ],
  };
  const five = Array.from({ length: 5 }, () => ({ itemIdx: 9, weight: 1, time: 100 }));
  const trend = advanceTrend(undefined, five, 5n, formerHalfLife);
  const at = (now: number) => mergeTrending(popular, [trend], now, formerHalfLife).map(({ itemIdx }) => itemIdx);
  expect(at(100)).toEqual([9, 1, 2]);
  expect(at(100 + 2 * formerHalfLife)).toEqual([1, 2, 9]);
  expect(mergeTrending(undefined, [], 0, formerHalfLife)).toEqual([]);
});
