import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeLiveItems, type WritableItems } from "../../src/catalogue/LiveItems.ts";
import { makePageWriter, pageOf, type StoredItem } from "../../src/domain/ItemPage.ts";
import type { ItemRecord } from "../../src/domain/ItemRecord.ts";
import { decodeRecord, encodeRecord } from "../../src/domain/RecordCodec.ts";

const value = fc.oneof(
  fc.constantFrom(
    "",
    "Black",
    "größer",
    'a "b"',
    "a text of more than twenty letters",
    "2026-01-05T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-01-05T00:00:00.120Z",
    "2026-01-05T01:00:00.000+01:00",
  ),
  fc.double(),
  fc.boolean(),
  fc.array(fc.constantFrom("sale", "a,b", "é"), { maxLength: 2 }),
);
const field = fc.constantFrom(
  "title",
  "available",
  "valid_from",
  "valid_until",
  "attributes.colour",
  "attributes.größe",
  "attributes.title",
);
const at = fc.integer({ min: 0, max: 9 });
const record: fc.Arbitrary<ItemRecord | undefined> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: at.map((time) => ({ at: time, removed: true, fields: {}, patches: {} })) },
  {
    weight: 5,
    arbitrary: fc.record({
      at,
      removed: fc.constant(false),
      fields: fc.dictionary(field, value, { noNullPrototype: true }),
      patches: fc.oneof(
        { weight: 3, arbitrary: fc.constant({}) },
        {
          weight: 1,
          arbitrary: fc.dictionary(field, fc.record({ at, value: fc.oneof(value, fc.constant(null)) }), {
            noNullPrototype: true,
          }),
        },
      ),
    }),
  },
);

/** As a store has it, once it is read again. */
const stored = (one: ItemRecord | undefined) => one && decodeRecord(encodeRecord(one));

const idOf = (itemIdx: number): string => (itemIdx % 2 === 0 ? `item ${itemIdx}` : `ítem ${itemIdx}`);

const knownOf = (items: WritableItems) => ({
  seen: items.columns.seen,
  items: Array.from({ length: items.columns.size + 1 }, (_, itemIdx) => ({
    item: items.itemOf(itemIdx),
    values: items.columns.valuesOf(itemIdx),
    idx: items.idxOf(idOf(itemIdx)),
    open: [0, Date.UTC(2026, 0, 5), Date.UTC(2030)].map((now) => items.isOpen(itemIdx, now)),
    listedAt: items.listedAt(itemIdx),
  })),
});

describe("live items", () => {
  it("are the same, whether they are taken as they are stored or as records", () => {
    const words = fc.array(fc.array(fc.record({ itemIdx: fc.nat(6), record }), { maxLength: 6 }), { maxLength: 5 });
    fc.assert(
      fc.property(words, (pages) => {
        const [byPage, byRecord] = [makeLiveItems(), makeLiveItems()];
        const told: Array<ReadonlyArray<number>> = [];
        byPage.onChange((itemIdxs) => void told.push([...itemIdxs]));
        const toldToo: Array<ReadonlyArray<number>> = [];
        byRecord.onChange((itemIdxs) => void toldToo.push([...itemIdxs]));
        let number = 0;
        for (const page of pages) {
          const items = page.map(
            (one): StoredItem => ({
              itemId: idOf(one.itemIdx),
              itemIdx: one.itemIdx,
              number: ++number,
              record: stored(one.record),
            }),
          );
          expect(byPage.takePage(pageOf(items), 0)).toBeUndefined();
          for (const item of items) byRecord.take([item], 0);
          // What is known already is not taken again.
          expect(byPage.takePage(pageOf(items), 0)).toBeUndefined();
        }
        expect(knownOf(byPage)).toEqual(knownOf(byRecord));
        expect(told.flat()).toEqual(toldToo.flat());
      }),
    );
  });

  it("stop at what cannot be decoded, and keep what stood before it", () => {
    const items = makeLiveItems();
    const texts = ['{"at":1,"fields":{"title":"one"}}', '{"at":1,"fields":{"title":"tw', '{"at":1,"fields":{}}'];
    const writer = makePageWriter(3);
    texts.forEach((text, itemIdx) => {
      const id = Buffer.from(idOf(itemIdx));
      writer.append(Buffer.concat([Buffer.from("head"), id, Buffer.from(text)]));
      writer.end(itemIdx, itemIdx + 1, 4, id.length);
    });
    expect(items.takePage(writer.page(), 0)).toBe(idOf(1));
    expect([0, 1, 2].map((itemIdx) => items.itemOf(itemIdx)?.title)).toEqual(["one", undefined, undefined]);
    expect([0, 1, 2].map((itemIdx) => items.idOf(itemIdx))).toEqual([idOf(0), undefined, undefined]);
  });

  it("take pages of items of any length", () => {
    const title = "é".repeat(100_000);
    const items = makeLiveItems();
    const page = pageOf(
      [0, 1].map((itemIdx) => ({
        itemId: idOf(itemIdx),
        itemIdx,
        number: itemIdx + 1,
        record: { at: 1, removed: false, fields: { title }, patches: {} },
      })),
    );
    expect(items.takePage(page, 0)).toBeUndefined();
    expect([0, 1].map((itemIdx) => items.itemOf(itemIdx)?.title)).toEqual([title, title]);
  });
});
