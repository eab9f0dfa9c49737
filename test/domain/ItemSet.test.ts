import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { decodeItemSet, encodeItemSet, hasItem, itemSetOf, noItems, withItem } from "../../src/domain/ItemSet.ts";

const itemIdx = fc.oneof(fc.nat(40), fc.nat(0xffffffff), fc.constant(0xffffffff));
const itemIdxs = fc.array(itemIdx, { maxLength: 60 });

describe("ItemSet", () => {
  it("is a set, whatever is added in whatever order", () => {
    fc.assert(
      fc.property(itemIdxs, itemIdx, (added, other) => {
        const set = new Set(added);
        const items = added.reduce(withItem, noItems);
        expect([...items]).toEqual([...set].sort((a, b) => a - b));
        expect(itemSetOf(added)).toEqual(items);
        expect(hasItem(items, other)).toBe(set.has(other));
        if (set.has(other)) expect(withItem(items, other)).toBe(items);
      }),
    );
  });

  it("gives back what was encoded, and shares no memory with the bytes", () => {
    fc.assert(
      fc.property(itemIdxs, (added) => {
        const items = itemSetOf(added);
        const bytes = encodeItemSet(items);
        const decoded = decodeItemSet(bytes);
        bytes.fill(0xff);
        expect(decoded).toEqual(items);
      }),
    );
  });

  it("answers undefined for bytes that are cut or go beyond 32 bits", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const items = decodeItemSet(bytes);
        if (items === undefined) return;
        for (let i = 1; i < items.length; i++) expect(items[i]).toBeGreaterThan(items[i - 1]);
      }),
    );
    expect(decodeItemSet(Uint8Array.of(5, 0x80))).toBeUndefined();
    expect(decodeItemSet(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0))).toBeUndefined();
    expect(decodeItemSet(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f))).toEqual(Uint32Array.of(0xffffffff));
  });

  it("takes a byte or two per item of a large set", () => {
    const items = Uint32Array.from({ length: 5000 }, (_, i) => 21 * i);
    expect(encodeItemSet(items).length).toBe(5000);
  });
});
