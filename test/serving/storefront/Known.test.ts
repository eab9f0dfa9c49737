import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spread } from "../../../src/serving/storefront/Known.ts";

describe("a sample of indices", () => {
  it("is spread over all of them, each once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 500 }), (count, most) => {
        const sample = spread(count, most);
        expect(sample.length).toBe(Math.min(count, most));
        expect(new Set(sample).size).toBe(sample.length);
        for (const index of sample) expect(index >= 0 && index < count).toBe(true);
        if (count > most) expect(sample.at(-1)).toBeGreaterThanOrEqual(count - Math.ceil(count / most) - 1);
      }),
    );
  });
});
