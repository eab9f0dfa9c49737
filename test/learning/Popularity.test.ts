import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import {
  afterSilence,
  asOfWith,
  fadeBetween,
  gainOf,
  halfLifeOf,
  hourOf,
  mostPopular,
  silencesAfter,
} from "../../src/learning/Popularity.ts";

const day = 86_400;
const countByHour = (times: ReadonlyArray<number>): ReadonlyMap<number, number> => {
  const hours = new Map<number, number>();
  for (const time of times) hours.set(hourOf(time), (hours.get(hourOf(time)) ?? 0) + 1);
  return hours;
};

describe("the half-life of popularity", () => {
  it("is what the newest thirtieth of the events spans, to the hour, and a day at least", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 * day }), { minLength: 1, maxLength: 300 }), (times) => {
        const newest = [...times].sort((a, b) => b - a);
        const last = newest[Math.ceil(times.length / 30) - 1]!;
        const span = 3_600 * (hourOf(newest[0]!) - hourOf(last));
        expect(halfLifeOf(countByHour(times))).toBe(Math.max(day, span));
      }),
    );
  });

  it("is a day without events, and long where a shop is slow", () => {
    expect(halfLifeOf(new Map())).toBe(day);
    const daily = Array.from({ length: 900 }, (_, i) => i * day);
    expect(halfLifeOf(countByHour(daily))).toBe(29 * day);
  });

  it("takes a silence of years for a month", () => {
    const before = Array.from({ length: 900 }, (_, i) => i * day);
    expect(halfLifeOf(countByHour([...before, 900 * day + 3_000 * day]))).toBe((30 + 29) * day);
  });
});

it("counts what was before a silence of more than a half-life as one half-life before what came after it", () => {
  expect([1, 10, 11, 500].map((wait) => afterSilence(50, 100, 100 + wait, 10))).toEqual([50, 50, 51, 540]);
  const hour = 3_600;
  const later = silencesAfter(countByHour([0, 2 * hour, 12 * hour, 100 * hour]), 10 * hour);
  expect([...later]).toEqual([
    [100, 0],
    [12, 78 * hour],
    [2, 78 * hour],
    [0, 78 * hour],
  ]);
});

it("halves what an event adds to a sum as of a later time, and doubles it as of an earlier one", () => {
  expect([0, 5, 10, -5].map((age) => gainOf(3, 100 - age, 100, 5))).toEqual([3, 1.5, 0.75, 6]);
  expect(fadeBetween(90, 100, 5)).toBe(0.25);
});

it("moves the time of a sum on before it outgrows a number", () => {
  expect(asOfWith(1_000, 0, 5)).toBe(0);
  expect(asOfWith(1_001, 0, 5)).toBe(1_001);
  expect(gainOf(1, 1_000, 0, 5)).toBeLessThan(1e61);
});

it("knows the most popular that are available, ties by smaller row, and none of which nothing is known", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.boolean())), fc.nat(20), (rows, count) => {
      const scores = rows.map(([score]) => score);
      const wanted = [...rows.keys()].filter((row) => rows[row]![1] && scores[row]! > 0);
      wanted.sort((a, b) => scores[b]! - scores[a]! || a - b);
      const available = rows.map(([, is]) => (is ? 1 : 0));
      expect([...mostPopular({ scores, total: 1 }, count, available)]).toEqual(wanted.slice(0, count));
    }),
  );
});
