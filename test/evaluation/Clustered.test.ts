import { describe, expect, it } from "@effect/vitest";
import { clusteredMean, quantile } from "../../src/evaluation/Clustered.ts";
import { makeRandom } from "../../src/kernels/Random.ts";

describe("the quantile of Student's t", () => {
  it("is that of the tables", () => {
    for (const [degrees, expected] of [
      [3, 3.182],
      [5, 2.571],
      [10, 2.228],
      [30, 2.042],
      [1000, 1.962],
    ] as const) {
      expect(Math.abs(quantile(degrees) / expected - 1)).toBeLessThan(0.01);
    }
  });
});

describe("clusteredMean", () => {
  it("is the textbook's interval where each shopper has one event", () => {
    const values = [3, 5, 4, 8, 1];
    const { margin, mean } = clusteredMean(5, [0, 1, 2, 3, 4], 5, (event) => values[event]!);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - 4.2) ** 2, 0) / 4);
    expect(mean).toBeCloseTo(4.2, 12);
    expect(margin).toBeCloseTo((2.776 * deviation) / Math.sqrt(5), 1);
  });

  it("covers the truth 95 times of 100 where shoppers' events are alike, and is far too narrow were they not told apart", () => {
    const random = makeRandom(5, "test.clustered");
    const covered = { clustered: 0, alone: 0 };
    const rounds = 1000;
    for (let round = 0; round < rounds; round++) {
      const shoppers: Array<number> = [];
      const values: Array<number> = [];
      for (let shopper = 0; shopper < 40; shopper++) {
        const own = random.normal();
        for (let event = 1 + random.below(12); event > 0; event--) {
          shoppers.push(shopper);
          values.push(own + 0.3 * random.normal());
        }
      }
      const value = (event: number): number => values[event]!;
      const clustered = clusteredMean(values.length, shoppers, 40, value);
      const alone = clusteredMean(values.length, [...values.keys()], values.length, value);
      if (Math.abs(clustered.mean) <= clustered.margin) covered.clustered++;
      if (Math.abs(alone.mean) <= alone.margin) covered.alone++;
    }
    expect(covered.clustered / rounds).toBeGreaterThan(0.92);
    expect(covered.clustered / rounds).toBeLessThan(0.975);
    expect(covered.alone / rounds).toBeLessThan(0.8);
  });

  it("says nothing of one shopper, and is 0 of no event", () => {
    expect(clusteredMean(3, [0, 0, 0], 1, () => 0.5)).toEqual({ mean: 0.5, margin: 1 });
    expect(clusteredMean(0, [], 0, () => 1)).toEqual({ mean: 0, margin: 0 });
  });
});
