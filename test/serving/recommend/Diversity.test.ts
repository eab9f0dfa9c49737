/** An order of items that are good and unlike one another. */
import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import type { Candidate } from "../../../src/serving/recommend/Candidate.ts";
import { diversified } from "../../../src/serving/recommend/Diversity.ts";

const rank = 3;

const cosine = (vectors: Float32Array, a: number, b: number): number => {
  const [x, y] = [a, b].map((row) => [...vectors.subarray(row * rank, (row + 1) * rank)]);
  const lengths = Math.hypot(...x) * Math.hypot(...y);
  return lengths > 0 ? x.reduce((sum, value, f) => sum + value * y[f], 0) / lengths : 0;
};

const shop = fc
  .array(fc.record({ score: fc.integer({ min: -20, max: 20 }), vector: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4)) }), {
    maxLength: 20,
  })
  .map((items) => {
    const sorted = items.toSorted((a, b) => b.score - a.score);
    return {
      vectors: Float32Array.from(sorted.flatMap(({ vector }) => vector)),
      found: sorted.map(({ score }, row): Candidate => ({ itemIdx: row, row, source: "personalized", score })),
    };
  });

describe("Diversity", () => {
  it("with λ = 1 is the order by score", () => {
    fc.assert(
      fc.property(shop, fc.nat(20), ({ found, vectors }, k) => {
        expect(diversified(found, { rank, vectors }, 1, k)).toEqual(found.slice(0, k));
      }),
    );
  });

  it("takes next what is best by the formula, each once", () => {
    fc.assert(
      fc.property(shop, fc.constantFrom(0, 0.25, 0.5, 0.8), ({ found, vectors }, lambda) => {
        const chosen = diversified(found, { rank, vectors }, lambda, found.length);
        expect(chosen.map(({ itemIdx }) => itemIdx).toSorted((a, b) => a - b)).toEqual(
          found.map(({ itemIdx }) => itemIdx),
        );
        const range = found.length === 0 ? 0 : found[0].score - found[found.length - 1].score;
        chosen.forEach((one, place) => {
          const before = chosen.slice(0, place);
          const value = ({ itemIdx, score }: Candidate): number => {
            const relevance = range > 0 ? (score - found[found.length - 1].score) / range : 1;
            const near = before.map((other) => cosine(vectors, itemIdx, other.itemIdx));
            return lambda * relevance - (1 - lambda) * (near.length === 0 ? 0 : Math.max(...near));
          };
          for (const other of chosen.slice(place)) expect(value(one)).toBeGreaterThanOrEqual(value(other) - 1e-9);
        });
      }),
    );
  });

  it("puts a copy of the first behind what is only a little worse", () => {
    const vectors = Float32Array.of(1, 0, 0, 1, 0, 0, 0, 1, 0);
    const found = [9, 8.9, 8].map((score, row): Candidate => ({ itemIdx: row, row, source: "personalized", score }));
    expect(diversified(found, { rank, vectors }, 0.4, 2).map(({ itemIdx }) => itemIdx)).toEqual([0, 2]);
  });
});
