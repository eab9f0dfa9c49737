import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { makeFoldIn } from "../../src/learning/FoldIn.ts";

/** Gaussian elimination with partial pivoting, in f64. */
const solve = (matrix: Array<Array<number>>, right: Array<number>): Array<number> => {
  const n = right.length;
  const m = matrix.map((row, i) => [...row, right[i]]);
  for (let k = 0; k < n; k++) {
    const pivot = m.slice(k).reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(m[best][k]) ? k + i : best), k);
    [m[k], m[pivot]] = [m[pivot], m[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = m[i][k] / m[k][k];
      for (let j = k; j <= n; j++) m[i][j] -= factor * m[k][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    x[i] = (m[i][n] - m[i].slice(i + 1, n).reduce((sum, a, j) => sum + a * x[i + 1 + j], 0)) / m[i][i];
  }
  return x;
};

const rank = 8;
const weights = [0.1, 0.5, 1];

it("solves the decayed least squares exactly, given enough steps", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 10 * rank, maxLength: 10 * rank }),
      fc.array(fc.record({ itemIdx: fc.nat(11), type: fc.nat(2) }), { minLength: 1, maxLength: 70 }),
      fc.double({ min: 0.3, max: 1, noNaN: true }),
      fc.option(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: rank, maxLength: rank })),
      (values, history, decay, start) => {
        const vectors = Float32Array.from(values);
        const [regularization, alpha] = [0.1, 2];
        // Items 10 and 11 are not in the model.
        const rowOfIdx = (itemIdx: number) => (itemIdx < 10 ? itemIdx : undefined);
        const interactions = history.map(({ itemIdx, type }, time) => ({ itemIdx, type, time }));
        const isNew = Uint8Array.from({ length: 10 }, (_, row) => (row % 4 === 3 ? 1 : 0));
        const learner = makeFoldIn({ rank, vectors, rowOfIdx, isNew }, { decay, regularization, alpha, steps: 60 });
        const got = learner.learn(start === null ? undefined : Float32Array.from(start), 0, 1, interactions);

        const y = (row: number) => Array.from(vectors.subarray(row * rank, (row + 1) * rank));
        const a = Array.from({ length: rank }, (_, i) =>
          Array.from({ length: rank }, (_, j) => (i === j ? regularization : 0)),
        );
        const b = new Array<number>(rank).fill(0);
        const add = (v: Array<number>, w: number) => {
          for (let i = 0; i < rank; i++) for (let j = 0; j < rank; j++) a[i][j] += w * v[i] * v[j];
        };
        for (let row = 0; row < 10; row++) if (isNew[row] === 0) add(y(row), 1);
        interactions
          .toReversed()
          .slice(0, 60)
          .forEach(({ itemIdx, type }, age) => {
            if (itemIdx >= 10) return;
            const w = alpha * weights[type] * decay ** age;
            add(y(itemIdx), w);
            for (let f = 0; f < rank; f++) b[f] += decay ** age * (1 + w) * y(itemIdx)[f];
          });
        for (const [f, wanted] of solve(a, b).entries()) expect(got[f]).toBeCloseTo(wanted, 3);
      },
    ),
    { numRuns: 200 },
  );
});
