import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { halfLifeOfTimes, makeFadingPopularity } from "../../src/evaluation/FadingPopularity.ts";

const items = 6;
const visits = fc.array(fc.record({ row: fc.nat(items - 1), type: fc.nat(2), wait: fc.nat(90) }), {
  minLength: 1,
  maxLength: 60,
});

describe("FadingPopularity", () => {
  it("is each item's share of events that are halved every half-life, of which a silence counts as one", () =>
    fc.assert(
      // Half-lives from so short that all must be divided on the way to so long that nothing fades.
      fc.property(visits, fc.constantFrom(0.25, 10, 1000), (script, halfLife) => {
        const popularity = makeFadingPopularity(items, halfLife);
        const past: Array<{ row: number; type: number; time: number }> = [];
        let [now, time] = [1e9, 0];
        for (const { row, type, wait } of script) {
          now += wait;
          time += Math.min(wait, halfLife);
          popularity.observe(row, type, now);
          past.push({ row, type, time });
          const weight = (of: typeof past): number =>
            of.reduce((sum, visit) => sum + [0.1, 0.5, 1][visit.type]! * 2 ** ((visit.time - time) / halfLife), 0);
          for (let item = 0; item < items; item++) {
            const share = weight(past.filter((visit) => visit.row === item)) / weight(past);
            expect(popularity.scores[item]! / popularity.total).toBeCloseTo(share, 10);
          }
        }
        const order = [...popularity.scores.keys()].sort(
          (a, b) => popularity.scores[b]! - popularity.scores[a]! || a - b,
        );
        const best = Array.from(popularity.best(4, [1, 1, 0, 1, 1, 1]));
        expect(best).toEqual(order.filter((row) => row !== 2 && popularity.scores[row]! > 0).slice(0, 4));
      }),
    ));

  it("halves within the time of the newest thirtieth of the events, at least a day", () => {
    const days = (count: number, every: number) => Float64Array.from({ length: count }, (_, i) => 86_400 * every * i);
    expect(halfLifeOfTimes(days(300, 2))).toBe(86_400 * 2 * 9);
    expect(halfLifeOfTimes(days(300, 0.01))).toBe(86_400);
    expect(halfLifeOfTimes([])).toBe(86_400);
  });
});
