import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { halfLifeOf, makeFadingPopularity } from "../../src/evaluation/FadingPopularity.ts";

const items = 6;
const visits = fc.array(fc.record({ row: fc.nat(items - 1), wait: fc.nat(90) }), { minLength: 1, maxLength: 60 });

describe("FadingPopularity", () => {
  it("is each item's share of events that are halved every half-life", () =>
    fc.assert(
      // Half-lives from so short that all must be divided on the way to so long that nothing fades.
      fc.property(visits, fc.constantFrom(0.25, 10, 1000), (script, halfLife) => {
        const popularity = makeFadingPopularity(items, halfLife);
        const past: Array<{ row: number; time: number }> = [];
        let time = 1e9;
        for (const { row, wait } of script) {
          time += wait;
          popularity.observe(row, time);
          past.push({ row, time });
          const weight = (of: typeof past): number =>
            of.reduce((sum, visit) => sum + 2 ** ((visit.time - time) / halfLife), 0);
          for (let item = 0; item < items; item++) {
            const share = weight(past.filter((visit) => visit.row === item)) / weight(past);
            expect(popularity.scores[item]! / popularity.total).toBeCloseTo(share, 10);
          }
        }
        const order = [...popularity.scores.keys()].sort(
          (a, b) => popularity.scores[b]! - popularity.scores[a]! || a - b,
        );
        const best = Array.from(popularity.best(4));
        expect(best).toEqual(order.filter((row) => popularity.scores[row]! > 0).slice(0, 4));
      }),
    ));

  it("halves within the time of the newest thirtieth of the events, at least a day", () => {
    const days = (count: number, every: number) => Float64Array.from({ length: count }, (_, i) => 86_400 * every * i);
    expect(halfLifeOf(days(300, 2))).toBe(86_400 * 2 * 9);
    expect(halfLifeOf(days(300, 0.01))).toBe(86_400);
    expect(halfLifeOf([])).toBe(86_400);
  });
});
