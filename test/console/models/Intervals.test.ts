import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placesOf } from "../../../src/console/models/Intervals.tsx";
import { farOf } from "../../../src/console/models/Progress.tsx";
import { endedOf, isBusy, type Work } from "../../../src/console/models/Work.ts";

describe("an interval", () => {
  it("lies within the scale, around the end of its bar where that is above 0", () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    const margin = fc.double({ min: 0, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(value, margin, fc.double({ min: 0, max: 2, noNaN: true }), (mean, own, more) => {
        const { bar, from, to } = placesOf({ mean, margin: own }, Math.max(0, mean + own) + more);
        for (const place of [bar, from, to]) {
          expect(place).toBeGreaterThanOrEqual(0);
          expect(place).toBeLessThanOrEqual(100);
        }
        expect(from).toBeLessThanOrEqual(bar);
        expect(bar).toBeLessThanOrEqual(to);
      }),
    );
    expect(placesOf({ mean: 0.2, margin: 0.05 }, 0.4)).toEqual({ bar: 50, from: expect.closeTo(37.5), to: 62.5 });
  });
});

describe("what is under way", () => {
  const idle: Work = {
    batch: { running: null, ended: [], retraining: null },
    tuning: { running: null, ended: [], tuned: null },
    evaluation: { running: null, ended: [], newest: null },
  };
  const running = { id: "1", started: "2026-01-01T00:00:00Z", step: null };

  it("is told, and that something has ended", () => {
    expect(isBusy(idle)).toBe(false);
    const tuning = { ...idle, tuning: { ...idle.tuning, running } };
    expect(isBusy(tuning)).toBe(true);
    expect(endedOf(tuning)).toBe(endedOf(idle));
    const end = { ...running, ended: "2026-01-01T00:01:00Z", outcome: "done" as const, detail: null };
    expect(endedOf({ ...idle, tuning: { ...idle.tuning, ended: [end] } })).not.toBe(endedOf(idle));
  });

  it("is as far as it says, and no farther than its end", () => {
    const step = { name: "training", done: 1200, of: 3000, unit: "rows" };
    expect(farOf(step)).toBe("1,200 of 3,000 rows");
    expect(farOf({ ...step, of: null })).toBe("1,200 rows");
    expect(farOf({ ...step, done: 4000 })).toBe("3,000 of 3,000 rows");
  });
});
