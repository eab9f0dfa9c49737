import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differenceOf, isProven, makeTally, type Rate } from "../../../src/evaluation/live/Rates.ts";
import { makeRandom } from "../../../src/kernels/Random.ts";

/** `of` events, each of another shopper. */
const rateOf = (hits: number, of: number): Rate => {
  const tally = makeTally();
  for (let i = 0; i < of; i++) tally.add(`u${i}`, i < hits);
  return tally.rate();
};

describe("a rate", () => {
  it("has Wilson's interval where every shopper comes once", () => {
    // R: prop.test(x, n, correct = FALSE)
    for (const [hits, of, low, high] of [
      [42, 1000, 0.031_24, 0.056_27],
      [0, 1000, 0, 0.003_827],
      [500, 1000, 0.469_07, 0.530_93],
    ] as const) {
      const rate = rateOf(hits, of);
      expect(rate).toMatchObject({ hits, of, shoppers: of, rate: hits / of });
      expect(rate.low).toBeCloseTo(low, 3);
      expect(rate.high).toBeCloseTo(high, 3);
    }
  });

  it("is wider where a shopper's events are alike, and holds what it was", () => {
    const alike = makeTally();
    for (let i = 0; i < 1000; i++) alike.add(`u${Math.floor(i / 10)}`, i < 50);
    const [one, many] = [rateOf(50, 1000), alike.rate()];
    expect(many.rate).toBe(one.rate);
    expect(many.shoppers).toBe(100);
    expect((many.high - many.low) / (one.high - one.low)).toBeGreaterThan(2.5);
    expect(alike.rate()).toEqual(many);
  });

  it("holds the share within 0 and 1, and knows nothing of one shopper", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(8), fc.boolean()), { minLength: 1, maxLength: 60 }), (events) => {
        const tally = makeTally();
        for (const [shopper, isHit] of events.toSorted(([a], [b]) => a - b)) tally.add(`u${shopper}`, isHit);
        const { high, hits, low, of, rate, shoppers } = tally.rate();
        expect([of, hits]).toEqual([events.length, events.filter(([, isHit]) => isHit).length]);
        expect(0 <= low && low <= rate && rate <= high && high <= 1).toBe(true);
        if (shoppers < 2) expect([low, high]).toEqual([0, 1]);
        if (hits === 0 || hits === of) expect(high - low).toBeGreaterThan(0);
      }),
    );
  });

  it("holds the truth in 95 % of samples, also of shoppers who differ", () => {
    const random = makeRandom(7, "shoppers");
    let held = 0;
    const samples = 2000;
    for (let sample = 0; sample < samples; sample++) {
      const tally = makeTally();
      for (let shopper = 0; shopper < 80; shopper++) {
        const own = random.chance(0.5) ? 0.02 : 0.18;
        const events = 1 + random.below(10);
        for (let event = 0; event < events; event++) tally.add(`u${shopper}`, random.chance(own));
      }
      const { high, low } = tally.rate();
      if (low <= 0.1 && 0.1 <= high) held++;
    }
    expect(held / samples).toBeGreaterThan(0.93);
    expect(held / samples).toBeLessThan(0.985);
  });
});

describe("a difference", () => {
  it("has Newcombe's interval", () => {
    // Newcombe 1998, table II: 56/70 and 48/80, method 10.
    const { difference, high, low } = differenceOf(rateOf(56, 70), rateOf(48, 80));
    expect(difference).toBeCloseTo(0.2, 10);
    expect(low).toBeCloseTo(0.0524, 2);
    expect(high).toBeCloseTo(0.3339, 2);
  });

  it("is proven where 0 is out of its interval, never against what nothing is known of", () => {
    expect(isProven(differenceOf(rateOf(56, 70), rateOf(48, 80)))).toBe(true);
    expect(isProven(differenceOf(rateOf(48, 80), rateOf(56, 70)))).toBe(true);
    expect(isProven(differenceOf(rateOf(5, 70), rateOf(4, 80)))).toBe(false);
    expect(isProven(differenceOf(rateOf(70, 70), makeTally().rate()))).toBe(false);
  });
});
