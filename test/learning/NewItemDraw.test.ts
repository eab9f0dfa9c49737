import { describe, expect, it } from "vitest";
import { makeRandom } from "../../src/kernels/Random.ts";
import { makeNewItemDraw, placeChance, tryChance } from "../../src/learning/NewItemDraw.ts";

const [items, rank] = [60, 4];
const random = makeRandom(1, "test.vectors");
const vectors = Float32Array.from({ length: items * rank }, () => random.normal());
const rows = Uint32Array.from({ length: items }, (_, row) => row);
const taste = Float32Array.of(1, -2, 0.5, 3);

describe("A new item", () => {
  it("is drawn as often as its rank by cosine says", () => {
    const { draw, nearness } = makeNewItemDraw(vectors, rank);
    const cosine = (row: number): number => {
      const own = vectors.subarray(row * rank, (row + 1) * rank);
      return own.reduce((sum, value, f) => sum + value * taste[f]!, 0) / Math.hypot(...own);
    };
    for (const row of rows) expect(nearness(row, taste)).toBeCloseTo(cosine(row), 10);
    const ranked = [...rows].sort((a, b) => cosine(b) - cosine(a));
    const rounds = 40_000;
    const counts = new Float64Array(items);
    const drawing = makeRandom(2, "test.draws");
    for (let round = 0; round < rounds; round++) counts[draw(rows, taste, drawing, () => true)!]!++;
    // An answer of two whose second place is always given away is one draw.
    ranked.forEach((row, place) => {
      expect(counts[row]! / rounds).toBeCloseTo(tryChance(place + 1, items, 0.5, 2), 2);
    });
  });

  it("is in an answer as often as its places are given away and it is drawn for one of them", () => {
    const one = tryChance(3, items, 0.5, 2);
    const p = placeChance(0.1, 12);
    expect(p).toBeCloseTo(0.1 * (12 / 11), 12);
    expect(tryChance(3, items, 0.1, 12)).toBeCloseTo(1 - (1 - p * one) ** 11, 12);
    expect(tryChance(3, items, 0.1, 1)).toBe(0);
    expect(tryChance(3, items, 0, 12)).toBe(0);
    expect(tryChance(Number.POSITIVE_INFINITY, items, 0.1, 12)).toBe(0);
  });

  it("is none where none is there or may be taken", () => {
    const { draw } = makeNewItemDraw(vectors, rank);
    expect(draw(new Uint32Array(0), taste, random, () => true)).toBeUndefined();
    expect(draw(rows, taste, random, () => false)).toBeUndefined();
  });
});
