import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { describe } from "vitest";
import { makeColumns } from "../../src/catalogue/Columns.ts";
import type { AttributeValue } from "../../src/domain/ItemRecord.ts";
import { kindOf, nameOfField } from "../../src/domain/Where.ts";

const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.constantFrom(
    "",
    "Black",
    "White",
    "2026-01-05T00:00:00Z",
    "2026-01-05T01:00:00.000+01:00",
    "2026-01-05T00:00:00.120Z",
    "2026-01-05T00:00:00.12Z",
    "2026-02-30T00:00:00Z",
    "2026-01-05T24:00:00.000Z",
    "2026-01-05T00:00:00.120456789Z",
  ),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.array(fc.constantFrom("sale", "new", "a,b"), { maxLength: 3 }),
);
const field = fc.constantFrom("attributes.colour", "attributes.size", "attributes.since", "attributes.title");
const fields = fc.dictionary(field, value);

describe("columns", () => {
  it("hold what was put last, whatever it was before", () => {
    const puts = fc.array(fc.record({ itemIdx: fc.constantFrom(0, 1, 2, 1500, 5000), fields }), { maxLength: 30 });
    fc.assert(
      fc.property(puts, (words) => {
        const columns = makeColumns();
        const last = new Map<number, Readonly<Record<string, AttributeValue>>>();
        for (const word of words) {
          columns.put(word.itemIdx, word.fields);
          last.set(word.itemIdx, word.fields);
        }
        const reached = words.map(({ fields, itemIdx }) => (Object.keys(fields).length === 0 ? 0 : itemIdx + 1));
        expect(columns.size).toBe(Math.max(0, ...reached));
        const counts = new Map<string, number>();
        for (const [itemIdx, now] of last) {
          const named = Object.fromEntries(Object.entries(now).map(([name, one]) => [nameOfField(name), one]));
          expect(columns.valuesOf(itemIdx)).toEqual(named);
          for (const [name, one] of Object.entries(named)) {
            expect(columns.valueOf(name, itemIdx)).toEqual(one);
            const key = `${name} ${kindOf(one)}`;
            counts.set(key, (counts.get(key) ?? 0) + 1);
          }
        }
        const seen = [...columns.seen].flatMap(([name, kinds]) =>
          [...kinds].flatMap(([kind, count]) => (count === 0 ? [] : [[`${name} ${kind}`, count] as const])),
        );
        expect(new Map(seen)).toEqual(counts);
      }),
    );
  });

  it("answer each kind as its own array", () => {
    const columns = makeColumns();
    columns.put(3, { "attributes.size": "M", "attributes.price": 5, "attributes.sold": false });
    columns.put(4, { "attributes.size": 42, "attributes.tags": ["sale"], "attributes.since": "2026-01-05T00:00:00Z" });
    const size = columns.text("size");
    expect(Array.from(size?.codes.subarray(0, 5) ?? [], (code) => size?.texts[code])).toEqual(["", "", "", "M", ""]);
    expect(size?.codeOf("M")).toBe(size?.codes[3]);
    expect(size?.codeOf("L")).toBeUndefined();
    expect(columns.numbers("size")?.[4]).toBe(42);
    expect(columns.numbers("size")?.[3]).toBeNaN();
    expect(columns.booleans("sold")?.slice(2, 5)).toEqual(Uint8Array.of(0, 1, 0));
    expect(columns.times("since")?.[4]).toBe(Date.UTC(2026, 0, 5));
    const tags = columns.lists("tags");
    expect(tags?.lists[tags.codes[4] ?? 0]).toEqual(["sale"]);
    expect(columns.text("colour")).toBeUndefined();
  });

  it("let go of texts that no item has", () => {
    const columns = makeColumns();
    for (let i = 0; i < 100; i++) columns.put(0, { title: `title ${i}` });
    expect(columns.text("title")?.texts.length).toBeLessThan(4);
    expect(columns.valueOf("title", 0)).toBe("title 99");
  });

  it("keep an item's own fields apart from attributes of the same names", () => {
    const columns = makeColumns();
    columns.put(0, { title: "2026-01-05T00:00:00Z", "attributes.title": 7 });
    expect(columns.valuesOf(0)).toEqual({ title: "2026-01-05T00:00:00Z", "attributes.title": 7 });
    expect(columns.text("title")).toBeDefined();
  });
});
