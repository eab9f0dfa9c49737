import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orthogonalizeRows } from "../../src/kernels/Jacobi.ts";

/** Any square matrix, now and then with rows that are zero or multiples of others. */
const matrix = fc.integer({ min: 1, max: 16 }).chain((n) =>
  fc
    .record({
      entries: fc.array(fc.integer({ min: -2000, max: 2000 }), { minLength: n * n, maxLength: n * n }),
      copies: fc.array(fc.record({ from: fc.nat(n - 1), to: fc.nat(n - 1), times: fc.integer({ min: -2, max: 2 }) }), {
        maxLength: 3,
      }),
    })
    .map(({ entries, copies }) => {
      const rows = Float64Array.from(entries, (thousandths) => thousandths / 1000);
      for (const { from, to, times } of copies) {
        for (let f = 0; f < n; f++) rows[to * n + f] = times * rows[from * n + f]!;
      }
      return { n, rows };
    }),
);

const inner = (n: number, value: (f: number) => number): number => {
  let sum = 0;
  for (let f = 0; f < n; f++) sum += value(f);
  return sum;
};

describe("orthogonalizeRows", () => {
  it("leaves rows that are orthogonal to one another and keeps MᵀM", () => {
    fc.assert(
      fc.property(matrix, ({ n, rows }) => {
        const turned = rows.slice();
        orthogonalizeRows(turned, n);
        const norms = Array.from({ length: n }, (_, i) => Math.sqrt(inner(n, (f) => turned[i * n + f]! ** 2)));
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            const before = inner(n, (k) => rows[k * n + i]! * rows[k * n + j]!);
            const after = inner(n, (k) => turned[k * n + i]! * turned[k * n + j]!);
            expect(Math.abs(after - before)).toBeLessThan(1e-11);
            const cosine = inner(n, (f) => turned[i * n + f]! * turned[j * n + f]!);
            if (i !== j) expect(Math.abs(cosine)).toBeLessThanOrEqual(1e-11 * norms[i]! * norms[j]! + 1e-24);
          }
        }
      }),
    );
  });
});
