import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { balanceOf } from "../../src/training/Balance.ts";

const rank = 6;

const matrix = (rows: number, scale: number) =>
  fc
    .array(fc.integer({ min: -1000, max: 1000 }), { minLength: rows * rank, maxLength: rows * rank })
    .map((entries) => Float64Array.from(entries, (thousandths) => (thousandths / 1000) * scale));

/** Two sides of the same rank, one up to a thousand times longer than the other, with or without directions unused. */
const sides = fc
  .record({ users: fc.integer({ min: 1, max: 20 }), items: fc.integer({ min: 1, max: 20 }), scale: fc.nat(3) })
  .chain(({ users, items, scale }) => fc.record({ x: matrix(users, 1), y: matrix(items, 10 ** scale) }));

const entry = (length: number, value: (k: number) => number): number => {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += value(k);
  return sum;
};

const gramian = (matrix: Float64Array): Float64Array =>
  Float64Array.from({ length: rank * rank }, (_, at) =>
    entry(matrix.length / rank, (k) => matrix[k * rank + Math.floor(at / rank)]! * matrix[k * rank + (at % rank)]!),
  );

const product = (a: Float64Array, b: Float64Array): Float64Array =>
  a.map((_, at) => entry(rank, (k) => a[at - (at % rank) + k]! * b[k * rank + (at % rank)]!));

const trace = (square: Float64Array): number => entry(rank, (f) => square[f * rank + f]!);

describe("balanceOf", () => {
  it("gives both sides one diagonal Gramian, largest first, and no more length than before, and keeps every score", () => {
    fc.assert(
      fc.property(sides, ({ x, y }) => {
        const [before, other] = [gramian(x), gramian(y)];
        const { users, items } = balanceOf(before, other, rank);
        const [after, otherAfter] = [gramian(product(x, users)), gramian(product(y, items))];
        /** What the ridge may add to a singular value. */
        const tolerance = 3e-3 * Math.sqrt(trace(before) * trace(other)) + 1e-12;
        for (let i = 0; i < rank; i++) {
          for (let j = 0; j < rank; j++) {
            const kept = entry(rank, (k) => users[i * rank + k]! * items[j * rank + k]!);
            expect(Math.abs(kept - (i === j ? 1 : 0))).toBeLessThan(1e-6);
            const at = i * rank + j;
            expect(Math.abs(after[at]! - otherAfter[at]!)).toBeLessThanOrEqual(tolerance);
            if (i !== j) expect(Math.abs(after[at]!)).toBeLessThanOrEqual(tolerance);
          }
          if (i > 0) expect(after[i * (rank + 1)]!).toBeLessThanOrEqual(after[(i - 1) * (rank + 1)]! + tolerance);
        }
        expect(trace(after) + trace(otherAfter)).toBeLessThanOrEqual(trace(before) + trace(other) + rank * tolerance);
      }),
    );
  });

  it("has a least length that no rotation, scale or shear of the factors undercuts", () => {
    const x = Float64Array.from({ length: 40 * rank }, (_, k) => Math.sin(1 + k * k));
    const y = Float64Array.from({ length: 30 * rank }, (_, k) => 20 * Math.cos(2 + 3 * k * k));
    const { users, items } = balanceOf(gramian(x), gramian(y), rank);
    const [bestX, bestY] = [product(x, users), product(y, items)];
    const least = trace(gramian(bestX)) + trace(gramian(bestY));
    expect(least).toBeLessThan(0.5 * (trace(gramian(x)) + trace(gramian(y))));
    for (let a = 0; a < rank; a++) {
      for (let b = 0; b < rank; b++) {
        for (const amount of [-0.05, 0.05]) {
          const identity = Float64Array.from({ length: rank * rank }, (_, at) => (at % (rank + 1) === 0 ? 1 : 0));
          const [turn, back] = [identity.slice(), identity.slice()];
          turn[a * rank + b]! += amount;
          back[b * rank + a]! -= a === b ? amount / (1 + amount) : amount;
          expect(trace(gramian(product(bestX, turn))) + trace(gramian(product(bestY, back)))).toBeGreaterThan(least);
        }
      }
    }
  });

  it("leaves nothing as it is", () => {
    const { users, items } = balanceOf(new Float64Array(rank * rank), new Float64Array(rank * rank), rank);
    expect(users).toEqual(items);
    expect([...users].every((value, at) => value === (at % (rank + 1) === 0 ? 1 : 0))).toBe(true);
  });
});
