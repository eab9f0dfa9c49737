import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bestFollowers,
  countEvent,
  countHistory,
  followProbability,
  lagMillionths,
  noFollowers,
} from "../../src/domain/Followers.ts";
import { type Counts, naiveBest, naiveCounts } from "../support/NaiveFollowers.ts";

const history = fc.array(fc.nat(8), { maxLength: 60 });

/** A sum that is added to, and what it came to. */
const sums = () => {
  const all = new Map<number, Map<number, number>>();
  const add = (item: number, follower: number, millionths: number): void => {
    const own = all.get(item) ?? new Map<number, number>();
    all.set(item, own.set(follower, (own.get(follower) ?? 0) + millionths));
  };
  return { all, add };
};

describe("followers", () => {
  it("count whole millionths, less with every interaction between", () => {
    expect(lagMillionths).toHaveLength(20);
    expect(lagMillionths.slice(0, 5)).toEqual([1_000_000, 800_000, 640_000, 512_000, 409_600]);
    expect(lagMillionths[19]).toBe(14_412);
    expect(lagMillionths.every(Number.isInteger)).toBe(true);
  });

  it("are counted as the definition reads, of the part of the column that is one shopper's", () => {
    fc.assert(
      fc.property(history, history, history, (before, own, after) => {
        const { add, all } = sums();
        countHistory([...before, ...own, ...after], before.length, before.length + own.length, add);
        expect(all).toEqual(naiveCounts([own]));
      }),
    );
  });

  it("come to the same event by event, whatever the order of shoppers", () => {
    fc.assert(
      fc.property(fc.array(history, { maxLength: 5 }), (histories) => {
        const [one, other] = [sums(), sums()];
        for (const items of histories) countHistory(items, 0, items.length, one.add);
        for (const items of [...histories].reverse())
          items.forEach((_, at) => {
            countEvent(items, at, 0, other.add);
          });
        expect(one.all).toEqual(other.all);
      }),
    );
  });

  it("are chosen by count, of equal ones the smaller index first", () => {
    const row = fc.uniqueArray(fc.nat(300), { maxLength: 150 });
    fc.assert(
      fc.property(row, fc.nat(120), fc.nat(1000), fc.boolean(), (items, most, seed, few) => {
        const counts = items.map((item) => 1 + ((item * (seed + 7)) % (few ? 3 : 101)));
        const all: Counts = new Map([[1, new Map(items.map((item, i) => [item, counts[i]]))]]);
        const best = bestFollowers([...items, 999], [...counts, 1e9], items.length, most);
        const found = Array.from(best.items, (item, i) => [item, best.counts[i]]);
        expect(found).toEqual(naiveBest(all, most).map(({ follower_idx, count }) => [follower_idx, count]));
      }),
    );
  });

  it("are at most a hundred where nothing else is said", () => {
    const items = Array.from({ length: 130 }, (_, i) => 129 - i);
    expect(Array.from(bestFollowers(items, items, 130).items)).toEqual(items.slice(0, 100));
  });

  it("are the surer the more was seen", () => {
    expect(followProbability(10e6, 10e6)).toBe(0.5);
    expect(followProbability(1e6, 1e6)).toBeCloseTo(1 / 11, 15);
    expect(followProbability(1e6, 1e6, 0)).toBe(1);
    expect(followProbability(0, 0)).toBe(0);
  });

  it("are empty for rows that have none", () => {
    const none = noFollowers(3);
    expect(Array.from(none.pointers)).toEqual([0, 0, 0, 0]);
    expect(Array.from(none.totals)).toEqual([0, 0, 0]);
    expect(none.items.length + none.counts.length).toBe(0);
  });
});
