import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { makeItemSums } from "../../src/learning/ItemSums.ts";

it("adds up by item, whatever came before, also beyond its first room", () => {
  const sums = makeItemSums();
  const script = fc.array(fc.tuple(fc.oneof(fc.nat(20), fc.nat(2 ** 32 - 2)), fc.integer({ min: 1, max: 99 })), {
    maxLength: 6000,
    size: "max",
  });
  fc.assert(
    fc.property(script, (additions) => {
      sums.clear();
      const expected = new Map<number, number>();
      for (const [item, value] of additions) {
        sums.add(item, value);
        expected.set(item, (expected.get(item) ?? 0) + value);
      }
      const found = Array.from({ length: sums.size() }, (_, place) => sums.itemAt(place));
      expect(found.map((item) => [item, sums.of(item)])).toEqual([...expected]);
      expect(found.map((_, place) => sums.sumAt(place))).toEqual([...expected.values()]);
      if (!expected.has(7)) expect(sums.of(7)).toBe(0);
    }),
    { numRuns: 30 },
  );
});

it("adds the roots of a list's counts as one by one, also beyond its first room", () => {
  const [together, single] = [makeItemSums(), makeItemSums()];
  const list = fc.uniqueArray(fc.nat(30_000), { maxLength: 1_500, size: "max" });
  fc.assert(
    fc.property(fc.array(list, { maxLength: 6 }), fc.nat(5), (lists, first) => {
      together.clear();
      single.clear();
      lists.forEach((given, n) => {
        const items = Uint32Array.from(given);
        const roots = Float32Array.from(given, (item) => Math.sqrt(1 + (item % 97)));
        const from = Math.min(first, items.length);
        together.addRoots(items, roots, from, items.length, n + 0.5);
        for (let at = from; at < items.length; at++) single.add(items[at], (n + 0.5) * roots[at]);
      });
      const shown = (sums: typeof single) =>
        Array.from({ length: sums.size() }, (_, place) => [sums.itemAt(place), sums.sumAt(place)]);
      expect(shown(together)).toEqual(shown(single));
    }),
    { numRuns: 40 },
  );
});
