import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import {
  decodeShown,
  encodeShown,
  isRetry,
  mostImpressions,
  mostShown,
  nothingShown,
  unpackShown,
  withoutShown,
  withShown,
} from "../../src/domain/ShownItems.ts";

const step = fc.oneof(
  { weight: 9, arbitrary: fc.record({ item: fc.nat(300), time: fc.nat(2 ** 32 - 1), id: fc.nat(2 ** 53 - 1) }) },
  { weight: 1, arbitrary: fc.record({ item: fc.nat(300) }) },
);

describe("ShownItems", () => {
  it("are what a list of all impressions says, as far as it is kept, and their bytes say the same", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 500, size: "max" }), (steps) => {
        let shown = nothingShown;
        let naive: ReadonlyArray<{ itemIdx: number; last: number; count: number }> = [];
        let ids: ReadonlyArray<number> = [];
        for (const one of steps) {
          const known = naive.find(({ itemIdx }) => itemIdx === one.item);
          const others = naive.filter((other) => other !== known);
          if ("time" in one) {
            shown = withShown(shown, one.item, one.time + 0.5, one.id);
            const last = Math.max(one.time, known?.last ?? 0);
            naive = [...others, { itemIdx: one.item, last, count: 1 + (known?.count ?? 0) }].slice(-mostShown);
            ids = [...ids, one.id].slice(-mostImpressions);
            expect(isRetry(shown, one.id)).toBe(true);
          } else {
            shown = withoutShown(shown, one.item);
            naive = others;
          }
        }
        expect(unpackShown(shown)).toEqual(naive);
        expect([...shown.ids]).toEqual(ids.map((id) => id % 2 ** 32));
        expect(decodeShown(encodeShown(shown))).toEqual(shown);
        expect(encodeShown(shown).length).toBeLessThanOrEqual(3204);
      }),
      { numRuns: 30 },
    );
  });

  it("are not told of bytes that are no such list", () => {
    const shown = withShown(nothingShown, 3, 4, 5);
    const bytes = encodeShown(shown);
    expect(decodeShown(bytes.subarray(0, 6))).toBeUndefined();
    expect(decodeShown(Uint8Array.from([9, ...bytes.subarray(1)]))).toBeUndefined();
    expect(decodeShown(new Uint8Array(4 * (mostImpressions + 2)))).toBeUndefined();
    expect(withoutShown(shown, 4)).toBe(shown);
  });
});
