import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decompose } from "../../src/kernels/Eigen.ts";

/** MᵀM of any matrix of n columns, of fewer rows now and then, so that eigenvalues are zero. */
const gramian = fc
  .record({ n: fc.integer({ min: 1, max: 12 }), rows: fc.integer({ min: 0, max: 20 }) })
  .chain(({ n, rows }) =>
    fc.array(fc.integer({ min: -2000, max: 2000 }), { minLength: n * rows, maxLength: n * rows }).map((entries) => ({
      n,
      matrix: Float64Array.from({ length: n * n }, (_, at) => {
        let sum = 0;
        for (let k = 0; k < rows; k++) sum += entries[k * n + Math.floor(at / n)]! * entries[k * n + (at % n)]! * 1e-6;
        return sum;
      }),
    })),
  );

describe("decompose", () => {
  it("finds orthonormal vectors and values that are not negative, of which the matrix is the sum", () => {
    fc.assert(
      fc.property(gramian, ({ matrix, n }) => {
        const { values, vectors } = decompose(matrix, n)!;
        let trace = 1;
        for (let f = 0; f < n; f++) trace += matrix[f * n + f]!;
        expect(values.every((value) => value >= 0)).toBe(true);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let [cosine, entry] = [0, 0];
            for (let k = 0; k < n; k++) {
              cosine += vectors[i * n + k]! * vectors[j * n + k]!;
              entry += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
            }
            expect(Math.abs(cosine - (i === j ? 1 : 0))).toBeLessThan(1e-9);
            expect(Math.abs(entry - matrix[i * n + j]!)).toBeLessThan(1e-9 * trace);
          }
        }
      }),
    );
  });

  it("says when an entry is not finite", () => {
    expect(decompose(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toBeUndefined();
    expect(decompose(Float64Array.of(Number.POSITIVE_INFINITY, 0, 0, 1), 2)).toBeUndefined();
  });
});
