import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { makeBlendKernel } from "../../src/kernels/BlendKernel.ts";
import { inverseLengths } from "../../src/kernels/Lengths.ts";
import type { RootList } from "../../src/kernels/RequestSums.ts";

const [lists, each] = [6, 400];
const vectors = Float32Array.from({ length: 20 * 6 }, (_, at) => Math.sin(at + 1) * 3);
const inverse = inverseLengths(vectors, 6);
const kernelOf = (items: number) =>
  makeBlendKernel({ vectors, inverse, rank: 6 }, { items, lists, entries: each, kept: 4, mostRows: 32 });
const kernel = kernelOf(100_000);
/** Where items have entries of their own, but for those of larger numbers; and where they have a place in an array, while none is larger. */
const some = kernelOf(9000);
const few = kernelOf(450);

/** The same objects in every request, more than are kept. */
const known: ReadonlyArray<RootList> = Array.from({ length: 9 }, (_, list) => {
  const items = Uint32Array.from({ length: each }, (_, at) => (list % 2 === 0 ? 2 ** 32 - 1 - at : list * 50 + at));
  return { items, roots: Float32Array.from(items, (item) => 0.1 + (item % 97)), from: list, to: each - list };
});
const listOf = (item: fc.Arbitrary<number>): fc.Arbitrary<RootList> =>
  fc
    .record({ items: fc.uniqueArray(item, { maxLength: each, size: "max" }), from: fc.nat(3) })
    .map(({ from, items }) => ({
      items: Uint32Array.from(items),
      roots: Float32Array.from(items, (item) => 0.1 + (item % 97)),
      from: Math.min(from, items.length),
      to: items.length,
    }));
const givenOf = (list: fc.Arbitrary<RootList>) =>
  fc.record({ row: fc.nat(19), list, weight: fc.integer({ min: 1, max: 9 }).map((n) => n / 8) });
const any = givenOf(fc.oneof(fc.constantFrom(...known), listOf(fc.oneof(fc.nat(500), fc.nat(2 ** 32 - 1)))));
const low = givenOf(fc.oneof(fc.constantFrom(...known.filter((_, at) => at % 2 === 1)), listOf(fc.nat(899))));

it.each([
  ["many", () => kernel, any],
  ["some", () => some, any],
  ["few", () => few, low],
  ["few, and then one of a larger number,", () => kernelOf(450), any],
] as const)("adds up by item whatever came before, and gathers the best, of %s items", (_, kernelOf, given) => {
  fc.assert(
    fc.property(fc.array(given, { maxLength: lists }), fc.integer({ min: 1, max: 200 }), (all, most) => {
      const kernel = kernelOf();
      kernel.clear();
      const expected = new Map<number, number>();
      for (const { list, row, weight } of all) {
        kernel.add(row, list, weight);
        for (let at = list.from; at < list.to; at++) {
          const item = list.items[at]!;
          expected.set(item, (expected.get(item) ?? 0) + weight * list.roots[at]!);
        }
      }
      expect(kernel.size()).toBe(expected.size);
      for (const [item, sum] of expected) expect(kernel.sumOf(item)).toBe(sum);
      if (!expected.has(7)) expect(kernel.sumOf(7)).toBe(0);

      const { items, size, sums } = kernel.gather(most);
      const found = [...items.subarray(0, size)];
      expect(new Set(found).size).toBe(size);
      expect([...sums.subarray(0, size)]).toEqual(found.map((item) => expected.get(item)));
      expect(size).toBeGreaterThanOrEqual(Math.min(most, expected.size));
      // Whatever was left out is below all that was not.
      const least = Math.min(...sums.subarray(0, size));
      for (const [item, sum] of expected) if (!found.includes(item)) expect(sum).toBeLessThan(least);

      const sorted = found
        .map((row, at) => ({ row, sum: sums[at]! }))
        .sort((one, other) => other.sum - one.sum || one.row - other.row);
      const wanted = Math.min(most, size);
      kernel.putBestFirst(size, wanted);
      const selected = [...items.subarray(0, wanted)];
      expect(selected.toSorted((one, other) => one - other)).toEqual(
        sorted
          .slice(0, wanted)
          .map(({ row }) => row)
          .sort((one, other) => one - other),
      );
      expect([...sums.subarray(0, wanted)]).toEqual(selected.map((item) => expected.get(item)));
    }),
    { numRuns: 150 },
  );
});

it("multiplies rows at length 1, each to the same bits alone and among others", () => {
  const numbers = fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(numbers, fc.array(fc.nat(19), { maxLength: 32 }), (vector, rows) => {
      kernel.vector.set(vector);
      kernel.rows.set(rows);
      const products = [...kernel.products(rows.length).subarray(0, rows.length)];
      rows.forEach((row, i) => {
        const exact = vector.reduce((sum, value, f) => sum + value * vectors[row * 6 + f]! * inverse[row]!, 0);
        expect(products[i]).toBeCloseTo(exact, 4);
        kernel.rows[0] = row;
        expect(kernel.products(1)[0]).toBe(products[i]);
      });
    }),
  );
});

it("mixes rows at length 1 by weights", () => {
  const weighted = fc.record({ row: fc.nat(19), weight: fc.float({ min: 0, max: 5, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(weighted, { maxLength: 20 }), (all) => {
      kernel.rows.set(all.map(({ row }) => row));
      kernel.weights.set(all.map(({ weight }) => weight));
      kernel.mix(all.length);
      expect(kernel.vector.length).toBe(6);
      kernel.vector.forEach((value, f) => {
        const exact = all.reduce((sum, { row, weight }) => sum + weight * vectors[row * 6 + f]! * inverse[row]!, 0);
        expect(value).toBeCloseTo(exact, 4);
      });
    }),
  );
});

it("takes over what becomes of a row", () => {
  const own = Float32Array.from([1, 0, 0, 1]);
  const lengths = inverseLengths(own, 2);
  const two = makeBlendKernel(
    { vectors: own, inverse: lengths, rank: 2 },
    { items: 2, lists: 1, entries: 4, kept: 1, mostRows: 4 },
  );
  two.vector.set([1, 2]);
  two.rows.set([0, 1]);
  expect([...two.products(2).subarray(0, 2)]).toEqual([1, 2]);
  own.set([0, 4], 0);
  lengths[0] = 0.25;
  two.take(0);
  expect([...two.products(2).subarray(0, 2)]).toEqual([2, 2]);
});
