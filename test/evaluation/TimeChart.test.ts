import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { apart, timeChart, timeTicks } from "../../src/evaluation/TimeChart.ts";

const circles = (svg: string): ReadonlyArray<number> =>
  [...svg.matchAll(/<circle class="dot fill-a" cx="([\d.]+)"/g)].map(([, x]) => Number(x));

describe("the axis of time", () => {
  it("has at most seven marks, within the span: on whole hours, at midnight, or at the first of a month", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 7200, max: 9e8 }), (from, span) => {
        const ticks = timeTicks(from, from + span);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks.length).toBeGreaterThan(span > 90 * 86_400 || span < 40 * 86_400 ? 0 : -1);
        for (const [i, time] of ticks.entries()) {
          expect(time).toBeGreaterThanOrEqual(from);
          expect(time).toBeLessThanOrEqual(from + span);
          if (i > 0) expect(time).toBeGreaterThan(ticks[i - 1]!);
          const iso = new Date(time * 1000).toISOString();
          expect(iso).toMatch(span > 43 * 86_400 ? /-01T00:00:00/ : span > 4 * 86_400 ? /T00:00:00/ : /:00:00\./);
        }
      }),
    );
  });

  it("places values by when they happened", () => {
    const stretches = [0, 100, 900, 1000].map((from) => ({ from: 1e9 + 60 * from, events: 5 }));
    const chart = timeChart("x", stretches, [{ name: "a", colour: "a", values: [0.1, 0.2, 0.3, 0.4] }]);
    const [first, second, third, last] = circles(chart ?? "") as [number, number, number, number];
    expect((second - first) / (last - first)).toBeCloseTo(0.1, 3);
    expect((third - first) / (last - first)).toBeCloseTo(0.9, 3);
  });

  it("joins stretches that begin at one time, by their events, and is left out where all do", () => {
    const stretches = [
      { from: 0, events: 30 },
      { from: 0, events: 10 },
      { from: 86_400, events: 7 },
    ];
    const lines = [{ name: "a", colour: "a", values: [0.1, 0.5, 0.9] }];
    const chart = timeChart("x", stretches, lines) ?? "";
    expect(circles(chart).length).toBe(2);
    expect(chart).toContain("0.200</title>");
    expect(timeChart("x", stretches.slice(0, 2), lines)).toBeUndefined();
    expect(timeChart("x", [], [])).toBeUndefined();
  });
});

describe("names at the lines' ends", () => {
  const gap = 18;
  const [top, bottom] = [10, 286];

  it("stay where they are while they are apart", () => {
    expect(apart([100, 20, 60], gap, top, bottom)).toEqual([100, 20, 60]);
  });

  it("make room around their middle, and those of other lines stay", () => {
    expect(apart([100, 100, 200], gap, top, bottom)).toEqual([91, 109, 200]);
  });

  it("are all within the picture, where all lines end at the top, or at the bottom", () => {
    const eight = (place: number) => apart(Array(8).fill(place), gap, top, bottom);
    expect(eight(14)).toEqual([10, 28, 46, 64, 82, 100, 118, 136]);
    expect(eight(274)).toEqual([160, 178, 196, 214, 232, 250, 268, 286]);
  });

  it("are in their order, apart, and within", () => {
    const places = fc.array(fc.double({ min: top, max: bottom, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(places, (places) => {
        const moved = apart(places, gap, top, bottom);
        const order = places.map((_, i) => i).sort((a, b) => places[a]! - places[b]!);
        order.forEach((label, i) => {
          expect(moved[label]).toBeGreaterThanOrEqual(top - 1e-9);
          expect(moved[label]).toBeLessThanOrEqual(bottom + 1e-9);
          if (i > 0) expect(moved[label]! - moved[order[i - 1]!]!).toBeGreaterThanOrEqual(gap - 1e-9);
        });
      }),
    );
  });
});
