import { describe, expect, it } from "@effect/vitest";
import { makeLiveItems } from "../../src/catalogue/LiveItems.ts";
import { statesOf } from "../../src/catalogue/States.ts";
import type { Fields, ItemRecord } from "../../src/domain/ItemRecord.ts";

const told = (fields: Fields): ItemRecord => ({ at: 1, removed: false, fields, patches: {} });

describe("statesOf", () => {
  it("counts each item once, by what holds at that time", () => {
    const items = makeLiveItems();
    const records: ReadonlyArray<ItemRecord | undefined> = [
      undefined,
      told({ title: "a" }),
      told({ available: false }),
      told({ available: true, valid_from: "2026-12-01T00:00:00Z" }),
      told({ valid_until: "2026-11-01T00:00:00Z" }),
      { at: 1, removed: true, fields: {}, patches: {} },
    ];
    const stored = records.map((record, itemIdx) => ({ itemId: `i${itemIdx}`, itemIdx, record, number: itemIdx + 1 }));
    const at = (time: string) => statesOf(items, Date.parse(time));
    expect(at("2026-11-15T00:00:00Z")).toEqual({ open: 0, unavailable: 0, not_valid: 0, removed: 0, untold: 0 });
    items.take(stored, Date.parse("2026-11-15T00:00:00Z"));
    expect(at("2026-11-15T00:00:00Z")).toEqual({ open: 1, unavailable: 1, not_valid: 2, removed: 1, untold: 1 });
    expect(at("2026-12-01T00:00:00Z")).toEqual({ open: 2, unavailable: 1, not_valid: 1, removed: 1, untold: 1 });
  });
});
