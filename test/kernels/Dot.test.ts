import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { dotAt } from "../../src/kernels/Dot.ts";

it("is the sum of products, of any length and from any place", () => {
  // Whole numbers, whose sums are exact in any order.
  const number = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), fc.array(number, { maxLength: 8 }), (vector, before) => {
      const row = vector.map((value, f) => value + f);
      const expected = vector.reduce((sum, value, f) => sum + value * row[f]!, 0);
      const rows = Float32Array.from([...before, ...row, 7]);
      expect(dotAt(rows, before.length, Float64Array.from(vector), vector.length)).toBe(expected);
    }),
  );
});
