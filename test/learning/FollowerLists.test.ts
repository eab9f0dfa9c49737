import { expect, it } from "@effect/vitest";
import { followersOf } from "../../src/learning/FollowerLists.ts";

it("shows each row's followers by √P, as the same object each time", () => {
  const lists = followersOf({
    pointers: Uint32Array.of(0, 2, 2, 3),
    items: Uint32Array.of(7, 9, 4),
    counts: Float64Array.of(30e6, 10e6, 5e6),
    totals: Float64Array.of(90e6, 0, 15e6),
  });
  const shown = [0, 1, 2].map((row) => {
    const { from, items, roots, to } = lists(row)!;
    return Array.from(items.subarray(from, to), (item, place) => [item, roots[from + place]]);
  });
  // Ten are added to an item's total before it divides.
  const root = (share: number): number => Math.fround(Math.sqrt(share));
  expect(shown).toEqual([
    [
      [7, root(0.3)],
      [9, root(0.1)],
    ],
    [],
    [[4, root(0.2)]],
  ]);
  expect(lists(2)).toBe(lists(2));
});
