import fc from "fast-check";
import { expect, it } from "vitest";
import { unitRows } from "../../src/kernels/UnitRows.ts";

const value = fc.oneof(fc.constant(0), fc.float({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(1e-30, -1e-20));

it("gives every row its direction and length 1, zeros excepted", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(value, { maxLength: 60 }), (rank, values) => {
      const vectors = Float32Array.from(values.slice(0, values.length - (values.length % rank)));
      const units = unitRows(vectors, rank);
      expect(units).toHaveLength(vectors.length);
      for (let start = 0; start < vectors.length; start += rank) {
        const row = vectors.subarray(start, start + rank);
        const unit = units.subarray(start, start + rank);
        const length = Math.hypot(...row);
        expect(Math.hypot(...unit)).toBeCloseTo(length === 0 ? 0 : 1, 6);
        row.forEach((own, f) => {
          if (length > 0) expect(unit[f]).toBeCloseTo(own / length, 6);
        });
      }
    }),
  );
});
