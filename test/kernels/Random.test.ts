import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeRandom, xoshiro128 } from "../../src/kernels/Random.ts";
import { makeAlias } from "../../src/simulation/Alias.ts";

describe("Random", () => {
  it("is xoshiro128**, as its authors' C code runs from the state 1, 2, 3, 4", () => {
    const next = xoshiro128([1, 2, 3, 4]);
    expect(Array.from({ length: 4 }, next)).toEqual([11520, 0, 5927040, 70819200]);
  });

  it("repeats itself for a seed, and differs by seed and by purpose", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.string(), (seed, purpose) => {
        const take = (one: number, two: string) => Array.from({ length: 4 }, makeRandom(one, two).uint32).join();
        expect(take(seed, purpose)).toBe(take(seed, purpose));
        expect(take(seed, purpose)).not.toBe(take(seed + 1, purpose));
        expect(take(seed, purpose)).not.toBe(take(seed, `${purpose}!`));
      }),
    );
  });

  it("draws uniform, normal and exponential numbers with their moments", () => {
    const random = makeRandom(7, "moments");
    const moments = (draw: () => number) => {
      const draws = Array.from({ length: 50_000 }, draw);
      const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
      return [mean, draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length] as const;
    };
    for (const [draw, mean, variance] of [
      [random.uniform, 1 / 2, 1 / 12],
      [random.normal, 0, 1],
      [random.exponential, 1, 1],
    ] as const) {
      const [m, v] = moments(draw);
      expect(Math.abs(m - mean)).toBeLessThan(0.03);
      expect(Math.abs(v - variance)).toBeLessThan(0.05);
    }
  });
});

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
