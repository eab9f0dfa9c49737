import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeRandom } from "../../src/kernels/Random.ts";
import { makeAlias } from "../../src/simulation/Alias.ts";

describe("Alias", () => {
  it("draws in proportion to the weights, and never what weighs nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }).filter((w) => w.some((x) => x > 0)),
        fc.nat(),
        (weights, seed) => {
          const random = makeRandom(seed, "alias");
          const alias = makeAlias(weights);
          const counts = weights.map(() => 0);
          const draws = 4000;
          for (let i = 0; i < draws; i++) counts[alias.draw(random)]!++;
          const sum = weights.reduce((a, b) => a + b, 0);
          weights.forEach((weight, i) => {
            if (weight === 0) expect(counts[i]).toBe(0);
            expect(Math.abs(counts[i]! / draws - weight / sum)).toBeLessThan(0.05);
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});
