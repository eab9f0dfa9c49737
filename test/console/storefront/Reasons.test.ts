import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barOf, heaviest, originOf, partsOf } from "../../../src/console/storefront/Reasons.ts";
import type { Recommendation } from "../../../src/serving/recommend/Answer.ts";

const one = (some: Partial<Recommendation>): Recommendation => ({
  item_idx: 1,
  score: 0,
  source: "personalized",
  metadata: null,
  ...some,
});

const part = fc.double({ min: 0, max: 10, noNaN: true });
const reasons = fc.record({
  because: fc.array(fc.record({ article_id: fc.string(), followers: part, taste: part }), { maxLength: 20 }),
  trending: part,
});

describe("the parts of a score", () => {
  it("add up to it", () => {
    fc.assert(
      fc.property(reasons, (all) => {
        const score = all.because.reduce((sum, { followers, taste }) => sum + followers + taste, all.trending);
        const sum = Object.values(partsOf(one({ score, reasons: all }))).reduce((total, value) => total + value, 0);
        expect(sum).toBeCloseTo(score, 9);
      }),
    );
  });

  it("are one part of what has no reasons, by its source", () => {
    expect(barOf(partsOf(one({ source: "trending", score: 0.02 })))).toEqual([
      { label: "Trend", color: "--part-3", value: 0.02 },
    ]);
    expect(barOf(partsOf(one({ score: 1.5 }))).map(({ label }) => label)).toEqual(["Taste"]);
    expect(barOf(partsOf(one({ source: "catalogue", score: 0 })))).toEqual([]);
  });
});

describe("the heaviest reason", () => {
  it("is named with the item that it is because of", () => {
    const because = [
      { article_id: "a", followers: 0.1, taste: 0.2 },
      { article_id: "b", followers: 0.5, taste: 0.1 },
    ];
    expect(heaviest(one({ reasons: { because, trending: 0.01 } }))).toMatchObject({ kind: "followers", because: "b" });
    expect(heaviest(one({ reasons: { because, trending: 0.9 } }))).toMatchObject({ kind: "trending" });
    expect(heaviest(one({ source: "new", reasons: { because, trending: 0 } }))).toMatchObject({ kind: "new" });
    expect(heaviest(one({ source: "catalogue" }))).toMatchObject({ kind: "catalogue" });
  });
});

describe("where a list comes from", () => {
  it("counts each place alike, whatever its score", () => {
    const list = [
      one({ score: 100, reasons: { because: [{ article_id: "a", followers: 25, taste: 75 }], trending: 0 } }),
      one({ score: 0.001, source: "trending" }),
      one({
        score: 3,
        source: "new",
        reasons: { because: [{ article_id: "a", followers: 0, taste: 3 }], trending: 0 },
      }),
    ];
    expect(originOf(list)).toEqual({ taste: 0.75, followers: 0.25, trending: 1, new: 1, catalogue: 0 });
    expect(Object.values(originOf([])).every((value) => value === 0)).toBe(true);
  });
});
