import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeRandom, mulberry32, xoshiro128 } from "../../src/kernels/Random.ts";

describe("Random", () => {
  it("is xoshiro128**, as its authors' C code runs from the state 1, 2, 3, 4", () => {
    const next = xoshiro128([1, 2, 3, 4]);
    expect(Array.from({ length: 4 }, next)).toEqual([11520, 0, 5927040, 70819200]);
  });

  it("has mulberry32, as its author's C code runs from the state 42", () => {
    const next = mulberry32(42);
    expect(Array.from({ length: 4 }, next)).toEqual([2581720956, 1925393290, 3661312704, 2876485805]);
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
