import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { factorize, invertLower } from "../../src/kernels/Cholesky.ts";

const product = (a: Float64Array, b: Float64Array, n: number, transposed: boolean) =>
  Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[transposed ? j * n + k : k * n + j]!;
    return sum;
  });

/** AᵀA + I, positive definite. */
const matrix = fc.integer({ min: 1, max: 20 }).chain((n) =>
  fc
    .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: n * n, maxLength: n * n })
    .map((entries) => product(Float64Array.from(entries), Float64Array.from(entries), n, true))
    .map((square) => ({ n, entries: square.map((value, at) => value + (at % (n + 1) === 0 ? 1 : 0)) })),
);

const expectClose = (actual: Float64Array, expected: Float64Array) =>
  actual.forEach((value, at) => {
    expect(Math.abs(value - expected[at]!)).toBeLessThan(1e-9 * (1 + Math.abs(expected[at]!)));
  });

describe("Cholesky", () => {
  it("gives a factor whose square is the matrix, and its inverse", () => {
    fc.assert(
      fc.property(matrix, ({ n, entries }) => {
        const factor = entries.slice();
        expect(factorize(factor, n, 1)).toBe(true);
        for (let i = 0; i < n; i++) factor.fill(0, i * n + i + 1, (i + 1) * n);
        expectClose(product(factor, factor, n, true), entries);
        const inverse = new Float64Array(n * n).fill(Number.NaN);
        invertLower(factor, inverse, n);
        expectClose(
          product(factor, inverse, n, false),
          Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0)),
        );
      }),
    );
  });

  it("takes a pivot that rounding made too small as the least one, and refuses what is not finite", () => {
    const singular = Float64Array.of(1, 1, 1, 1 - 1e-9);
    expect(factorize(singular, 2, 0.25)).toBe(true);
    expect(singular[3]).toBe(0.5);
    expect(factorize(Float64Array.of(1, 0, Number.NaN, 1), 2, 1)).toBe(false);
  });
});
