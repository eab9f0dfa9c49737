import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeScan, maxResults } from "../../src/kernels/TopK.ts";

/** Small whole numbers: their products are exact in f32, so ties and order are exact too. */
const whole = fc.integer({ min: -3, max: 3 });
/** Any size there is. */
const extreme = fc.constantFrom(
  0,
  1,
  -1,
  1e-30,
  -1e-20,
  1e-12,
  1e13,
  -1e20,
  3e38,
  Number.POSITIVE_INFINITY,
  Number.NaN,
);

const problem = (entry: fc.Arbitrary<number>, mostRank: number) =>
  fc
    .record({ rank: fc.integer({ min: 1, max: mostRank }), rows: fc.integer({ min: 0, max: 200 }) })
    .chain(({ rank, rows }) =>
      fc.record({
        rank: fc.constant(rank),
        rows: fc.constant(rows),
        vectors: fc.array(fc.array(entry, { minLength: rank, maxLength: rank }), { minLength: rows, maxLength: rows }),
        queries: fc.array(
          fc.record({
            query: fc.array(entry, { minLength: rank, maxLength: rank }),
            allowed: fc.option(fc.array(fc.constantFrom(0, 0, 1, 255), { minLength: rows, maxLength: rows }), {
              nil: undefined,
            }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        k: fc.integer({ min: 0, max: 60 }),
      }),
    );

const naive = (
  vectors: ReadonlyArray<ReadonlyArray<number>>,
  query: ReadonlyArray<number>,
  k: number,
  allowed?: ReadonlyArray<number>,
) =>
  vectors
    .map((row, index) => ({
      row: index,
      score: Math.fround(row.reduce((sum, value, f) => sum + Math.fround(value) * Math.fround(query[f]!), 0)),
    }))
    .filter(({ row, score }) => (allowed === undefined || allowed[row] !== 0) && score > Number.NEGATIVE_INFINITY)
    .sort((a, b) => (a.score === b.score ? a.row - b.row : b.score - a.score))
    .slice(0, k);

describe("TopK", () => {
  it.each([
    ["few different scores", whole, 40],
    ["values of any size, infinite ones and NaN", extreme, 1],
  ])("equals sorting all scores: %s", (_, entry, mostRank) => {
    fc.assert(
      fc.property(problem(entry, mostRank), ({ rank, rows, vectors, queries, k }) => {
        const scan = makeScan({ vectors: Float32Array.from(vectors.flat()), rows, rank });
        for (const { query, allowed } of queries) {
          const found = scan.search(Float32Array.from(query), k, allowed && Uint8Array.from(allowed));
          const expected = naive(vectors, query, k, allowed);
          expect(Array.from(found.rows)).toEqual(expected.map(({ row }) => row));
          expect(Array.from(found.scores, (score) => score + 0)).toEqual(expected.map(({ score }) => score + 0));
          const least = expected[expected.length >> 1]?.score ?? 0;
          const better = scan.search(Float32Array.from(query), k, allowed && Uint8Array.from(allowed), least);
          expect(Array.from(better.rows)).toEqual(expected.filter(({ score }) => score > least).map(({ row }) => row));
        }
      }),
      { numRuns: 150 },
    );
  });

  it("misses no row that 8-bit copies would put just below the best", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 10, max: 300 }), (seed, k) => {
        const [count, rank] = [2000, 8];
        let state = seed;
        /** Steps of 1/1024: scores at rank 8 are exact in f32. */
        const vector = () =>
          Array.from({ length: rank }, () => {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            return ((state >>> 12) % 2049) / 1024 - 1;
          });
        const query = vector();
        const random = Array.from({ length: count }, vector);
        const sorted = naive(random, query, count).map(({ row }) => random[row]!);
        /** The last of the best come last, when the worst of those found so far lies just below them. */
        const ordered = [...sorted.slice(0, k - 5), ...sorted.slice(k), ...sorted.slice(k - 5, k)];
        /** Rows are told apart by fours: three hopeless ones beside each leave it to stand alone. */
        const hopeless = query.map((value) => -value);
        const vectors = ordered.flatMap((row) => [row, hopeless, hopeless, hopeless]);
        const scan = makeScan({ vectors: Float32Array.from(vectors.flat()), rows: vectors.length, rank });
        expect(Array.from(scan.search(Float32Array.from(query), k).rows)).toEqual(
          naive(vectors, query, k).map(({ row }) => row),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("equals sorting all scores where few rows are allowed, and more", () => {
    const [rows, rank] = [3000, 5];
    const vectors = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: rank }, (_, f) => ((row * (f + 7)) % 5) - 2),
    );
    const scan = makeScan({ vectors: Float32Array.from(vectors.flat()), rows, rank });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: rows - 1 }), { maxLength: 400 }),
        fc.array(whole, { minLength: rank, maxLength: rank }),
        fc.integer({ min: 1, max: 60 }),
        (among, query, k) => {
          const allowed = Array.from({ length: rows }, () => 0);
          for (const row of among) allowed[row] = 1;
          const found = scan.search(Float32Array.from(query), k, Uint8Array.from(allowed));
          const expected = naive(vectors, query, k, allowed);
          expect(Array.from(found.rows)).toEqual(expected.map(({ row }) => row));
          expect(Array.from(found.scores, (score) => score + 0)).toEqual(expected.map(({ score }) => score + 0));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("returns up to a thousand rows, in order", () => {
    const rows = 3000;
    const vectors = Float32Array.from({ length: rows }, (_, row) => (row * 7919) % rows);
    const found = makeScan({ vectors, rows, rank: 1 }).search(Float32Array.of(1), 5000);
    expect(Array.from(found.scores)).toEqual(Array.from({ length: maxResults }, (_, i) => rows - 1 - i));
  });
});
