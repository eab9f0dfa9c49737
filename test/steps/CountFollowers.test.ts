import fc from "fast-check";
import { expect, it } from "vitest";
import { countFollowers, marked } from "../../src/steps/CountFollowers.ts";
import { naiveBest, naiveCounts } from "../support/NaiveFollowers.ts";

const most = 150;
const history = fc.array(fc.oneof({ weight: 3, arbitrary: fc.nat(6) }, { weight: 1, arbitrary: fc.nat(most - 1) }), {
  maxLength: 300,
});

it("counts the followers of every item as their definition reads, in parts of any size", () => {
  const sizes = fc.record({
    placesAtOnce: fc.integer({ min: 1, max: 200 }),
    rowsAtOnce: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(fc.array(history, { maxLength: 12 }), sizes, (histories, options) => {
      const all = Int32Array.from(histories.flatMap((own) => own.map((item, at) => marked(item, at === 0))));
      const parts = [...countFollowers(all, most, options)];
      const rows = parts.flatMap(({ counts, followers, items, rows, totals }) =>
        Array.from({ length: rows }, (_, r) => ({
          item_idx: items[r],
          follower_idx: followers[r],
          count: counts[r],
          total: totals[r],
        })),
      );
      expect(rows).toEqual(naiveBest(naiveCounts(histories)));
      expect(parts.reduce((sum, { done }) => sum + done, 0)).toBe(most);
      // One item's rows stand together, so a part is at most that much more than was asked for.
      for (const part of parts) expect(part.rows).toBeLessThan(options.rowsAtOnce + 100);
    }),
  );
});

it("keeps a hundred of an item, and the total of all", () => {
  const [rows] = countFollowers(
    Int32Array.from(Array.from({ length: 130 }, (_, i) => [marked(0, true), i + 1]).flat()),
    131,
  );
  expect(rows?.rows).toBe(100);
  expect(Array.from(rows?.followers ?? [])).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  expect(rows?.totals[0]).toBe(130e6);
});
