/** Near: the same as sorting all by their cosines, whatever their lengths. */
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import fc from "fast-check";
import { inverseLengths } from "../../../src/kernels/Lengths.ts";
import { makeNewItemDraw } from "../../../src/learning/NewItemDraw.ts";
import { type Looking, near } from "../../../src/serving/lists/Near.ts";

const rank = 3;
/** More than are looked at in a turn. */
const most = 40_000;

const lookingAt = (vectors: Float32Array, isNew: Uint8Array, rows: Uint8Array, room: number): Looking => {
  const size = vectors.length / rank;
  const inverse = inverseLengths(vectors, rank);
  const catalogue = {
    rank,
    vectors,
    inverse,
    isNew,
    size: () => size,
    itemIdx: Uint32Array.from({ length: size }, (_, row) => 2 * row),
  };
  const serving = { catalogue, newItems: makeNewItemDraw(vectors, rank, inverse) };
  return {
    serving: serving as unknown as Looking["serving"],
    passing: { rows } as unknown as Looking["passing"],
    exclude: new Set(),
    allowed: (row) => rows[row] === 1,
    room,
    k: room,
    least: undefined,
  };
};

describe("near", () => {
  const shops = fc.record({
    size: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(most)),
    seed: fc.nat(1000),
    room: fc.integer({ min: 1, max: 30 }),
  });

  it("is the best by cosine of all that are allowed, new ones a quarter in front", () =>
    fc.assert(
      fc.asyncProperty(shops, async ({ room, seed, size }) => {
        let state = seed + 1;
        const next = () => {
          state = (state * 48_271) % 2_147_483_647;
          return state / 2_147_483_647;
        };
        // Lengths from a thousandth to thousand: what few had to do with beside what many had.
        const vectors = new Float32Array(size * rank);
        for (let row = 0; row < size; row++) {
          const length = 10 ** (6 * next() - 3);
          for (let f = 0; f < rank; f++) vectors[row * rank + f] = length * (next() - 0.5);
        }
        const isNew = Uint8Array.from({ length: size }, () => (next() < 0.2 ? 1 : 0));
        const rows = Uint8Array.from({ length: size }, (_, row) => (row > 0 && next() < 0.7 ? 1 : 0));
        const cosine = (row: number) => {
          let [sum, own, other] = [0, 0, 0];
          for (let f = 0; f < rank; f++) {
            const [a, b] = [vectors[f]!, vectors[row * rank + f]!];
            [sum, own, other] = [sum + a * b, own + a * a, other + b * b];
          }
          return sum / Math.sqrt(own * other);
        };
        const wanted = (fresh: number) =>
          Array.from(rows, (_, row) => row)
            .filter((row) => rows[row] === 1 && isNew[row] === fresh && cosine(row) > 1e-6)
            .map(cosine)
            .sort((a, b) => b - a)
            .slice(0, room);
        const found = (await Effect.runPromise(near(lookingAt(vectors, isNew, rows, room), 0))).filter(
          ({ score }) => score > 1e-6,
        );
        for (const fresh of [0, 1]) {
          const own = found.filter(({ row }) => isNew[row!] === fresh);
          const scores = wanted(fresh);
          expect(own).toHaveLength(scores.length);
          own.forEach(({ itemIdx, row, score, source }, at) => {
            expect(score).toBeCloseTo(scores[at]!, 4);
            expect(score).toBeCloseTo(cosine(row!), 4);
            expect([itemIdx, source]).toEqual([2 * row!, "similar"]);
          });
        }
        const known = found.filter(({ row }) => isNew[row!] === 0).length;
        const inFront = found.slice(0, room).filter(({ row }) => isNew[row!] === 1).length;
        expect(inFront).toBeLessThanOrEqual(Math.max(1, Math.floor(room / 4), room - known));
      }),
      { numRuns: 40 },
    ));
});
