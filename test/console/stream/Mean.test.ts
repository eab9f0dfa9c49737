import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meansOver } from "../../../src/console/stream/Mean.ts";

describe("means over a window", () => {
  const from = 1_700_000_000;
  const seconds = (count: number) => Array.from({ length: count }, (_, at) => from + at);

  it("have a flush of thirty seconds' events as what came in each of them", () => {
    const flushed = seconds(120).map((_, at) => (at % 30 === 29 ? 600 : 0));
    const means = meansOver(seconds(120), flushed, 60);
    expect(means.slice(0, 56).every((mean) => mean === null)).toBe(true);
    expect(means.slice(60)).toEqual(Array.from({ length: 60 }, () => 20));
  });

  it("are not known where most of the window is not", () => {
    const x = [...seconds(60), ...seconds(10).map((at) => at + 600)];
    const means = meansOver(
      x,
      x.map(() => 5),
      60,
    );
    expect([means[59], means[60], means.at(-1)]).toEqual([5, null, null]);
    expect(
      meansOver(
        seconds(60),
        seconds(60).map(() => null),
        60,
      ).at(-1),
    ).toBeNull();
  });

  it("are those of the values that lie in the window", () => {
    const value = fc.option(fc.nat(1000), { nil: null, freq: 4 });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        (values, window) => {
          const means = meansOver(seconds(values.length), values, window);
          means.forEach((mean, at) => {
            const within = values.slice(Math.max(0, at - window + 1), at + 1).filter((one) => one !== null);
            if (within.length < 0.95 * window) expect(mean).toBeNull();
            else expect(mean).toBeCloseTo(within.reduce((sum, one) => sum + one, 0) / within.length, 9);
          });
        },
      ),
    );
  });
});
