import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { makeHistogram, quantilesOf } from "../../src/vitals/Histogram.ts";

const told = [0.0005, 0.001, 0.25, 1, 60];
const value = fc.oneof(fc.double({ min: 0, max: 2000, noNaN: true }), fc.constantFrom(...told));

describe("a histogram", () => {
  it("counts as Prometheus has it: at each told bound all that is no larger", () => {
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const histogram = makeHistogram(told);
        for (const one of values) histogram.update(one);
        const { buckets, count, sum } = histogram.told();
        expect(buckets).toEqual(
          [...told, Number.POSITIVE_INFINITY].map((bound) => [bound, values.filter((one) => one <= bound).length]),
        );
        expect(count).toBe(values.length);
        expect(sum).toBeCloseTo(
          values.reduce((total, one) => total + one, 0),
          6,
        );
      }),
    );
  });

  it("finds quantiles of what came between two moments, as near as its buckets are wide", () => {
    const inside = fc.double({ min: 0.001, max: 60, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(inside),
        fc.array(inside, { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (former, values, q) => {
          const histogram = makeHistogram(told);
          for (const one of former) histogram.update(one);
          const before = histogram.counts();
          for (const one of values) histogram.update(one);
          const [found] = quantilesOf(histogram.bounds, before, histogram.counts(), [q]) ?? [];
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)] as number;
          // The widest bucket of a decade goes from 1 to 1.5.
          expect(found).toBeGreaterThanOrEqual(exact / 1.5 - 1e-12);
          expect(found).toBeLessThanOrEqual(exact * 1.5 + 1e-12);
        },
      ),
    );
  });

  it("has no quantile of nothing, and none beyond its last bound", () => {
    const histogram = makeHistogram(told);
    const before = histogram.counts();
    expect(quantilesOf(histogram.bounds, before, histogram.counts(), [0.5])).toBeUndefined();
    histogram.update(1e9);
    expect(quantilesOf(histogram.bounds, before, histogram.counts(), [0.5])).toEqual([histogram.bounds.at(-2)]);
  });
});
