import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { LiveCatalogue } from "../../../src/catalogue/LiveCatalogue.ts";
import { maxAttributes, mostNames, mostWords } from "../../../src/serving/items/ItemInput.ts";
import { Items } from "../../../src/serving/items/Items.ts";
import { contentType, metricsText } from "../../../src/vitals/Metrics.ts";
import { Vitals } from "../../../src/vitals/Vitals.ts";
import { known, onShelf } from "./Shelf.ts";

const shirt = { title: "Shirt", attributes: { colour: "Black", price: 30 } };

describe("Items", () => {
  it.effect("puts, patches, finds and removes an item, and says so to whoever asks this process", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const items = yield* Items;
        const live = yield* LiveCatalogue;
        const first = yield* items.put("a", shirt);
        expect(first).toMatchObject({
          isNew: true,
          item: { item_id: "a", item_idx: 0, available: true, valid_from: null, ...shirt },
        });
        expect((yield* items.put("a", { ...first.item, available: false })).isNew).toBe(false);
        expect(live.itemOf(0)).toMatchObject({ title: "Shirt", available: false, attributes: shirt.attributes });
        const patched = yield* items.patch("a", { available: null, attributes: { price: null, size: "L" } });
        expect(patched).toMatchObject({ available: true, attributes: { colour: "Black", size: "L" } });
        expect(patched.attributes).not.toHaveProperty("price");
        expect(yield* items.patch("a", {})).toEqual(patched);
        expect((yield* items.patch("a", { attributes: null })).attributes).toEqual({});
        expect(yield* items.find("a")).toMatchObject({ title: "Shirt", attributes: {} });
        yield* items.remove("a");
        expect(live.itemOf(0)).toBeUndefined();
        for (const self of [items.find("a"), items.remove("a"), items.patch("a", { title: "x" }), items.find("b")]) {
          expect(yield* Effect.flip(self)).toMatchObject({ _tag: "UnknownIds" });
        }
        expect(yield* items.put("a", {})).toMatchObject({ isNew: true, item: { item_idx: 0, title: null } });
        const text = metricsText(yield* Vitals, undefined, undefined);
        expect(contentType).toMatch(/text/);
        expect(text).toContain('slipstream_catalogue_changes_total{kind="put"} 3');
        expect(text).toContain('slipstream_catalogue_changes_total{kind="patch"} 3');
        expect(text).toContain('slipstream_catalogue_changes_total{kind="delete"} 1');
        expect(text).toContain('slipstream_catalogue_items{state="open"} 1');
      }),
    ),
  );

  it.effect("keeps an item in order that many change at the same time, and tells one alone that it is new", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const items = yield* Items;
        const atOnce = <A, E>(count: number, call: (i: number) => Effect.Effect<A, E>) =>
          Effect.forEach(
            Array.from({ length: count }, (_, i) => i),
            (i) => Effect.either(call(i)),
            { concurrency: "unbounded" },
          );
        const put = yield* atOnce(8, (i) => items.put("a", { title: `${i}` }));
        expect(put.filter((one) => one._tag === "Right" && one.right.isNew)).toHaveLength(1);

        const attributes = Object.fromEntries(Array.from({ length: maxAttributes - 5 }, (_, i) => [`n${i}`, i]));
        yield* items.put("a", { attributes });
        const patched = yield* atOnce(20, (i) => items.patch("a", { attributes: { [`more${i}`]: i } }));
        expect(patched.filter(({ _tag }) => _tag === "Right")).toHaveLength(5);
        expect(patched.find(({ _tag }) => _tag === "Left")).toMatchObject({
          left: { _tag: "InvalidInput", errors: [{ field: "attributes", value: `${maxAttributes + 1} attributes` }] },
        });
        const full = yield* items.find("a");
        expect(Object.keys(full.attributes)).toHaveLength(maxAttributes);
        expect((yield* items.put("a", full)).item.attributes).toEqual(full.attributes);

        const windows = [{ valid_from: "2027-01-01T00:00:00Z" }, { valid_until: "2026-01-01T00:00:00Z" }];
        expect((yield* atOnce(2, (i) => items.patch("a", windows[i]))).map(({ _tag }) => _tag)).toEqual([
          "Right",
          "Left",
        ]);

        const cleared = [{ attributes: { late: "x" } }, { attributes: null }];
        yield* atOnce(2, (i) => items.patch("a", cleared[i]));
        expect((yield* items.find("a")).attributes).toEqual({});
      }),
    ),
  );

  it.effect("takes so many names of attributes in all, whatever the call, and no more", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const items = yield* Items;
        const live = yield* LiveCatalogue;
        const named = (from: number, count: number) => ({
          attributes: Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${from + i}`, i])),
        });
        const list = Array.from({ length: 9 }, (_, i) => ({ item_id: `i${i}`, ...named(100 * i, 100) }));
        yield* items.putAll(list);
        yield* items.put("full", named(900, mostNames - live.columns.seen.size));
        expect(live.columns.seen.size).toBe(mostNames);
        const refused = yield* Effect.flip(items.put("over", { attributes: { another: 1 } }));
        expect(refused).toMatchObject({ errors: [{ field: "attributes.another", value: "1 new names" }] });
        expect(yield* Effect.flip(items.patch("full", { attributes: { another: 1 } }))).toMatchObject({
          _tag: "InvalidInput",
        });
        const one = yield* items.replacement({ item_id: "over", attributes: { another: 1 } }, "[3]");
        expect(one).toMatchObject({ left: [{ field: "[3].attributes.another" }] });
        yield* items.put("known", { attributes: { n0: 1, another: null } });
      }),
    ),
  );

  it.effect("refuses an id that lost its zeros, and one that is not the path's", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const items = yield* Items;
        expect(yield* Effect.flip(items.put("108775015", {}))).toMatchObject({
          _tag: "InvalidInput",
          errors: [{ field: "item_id", value: "108775015", detail: `the shop has ${known}: send its leading zeros` }],
        });
        expect(yield* Effect.flip(items.find("108775015"))).toMatchObject({
          _tag: "UnknownIds",
          errors: [{ detail: `did you mean ${known}?` }],
        });
        expect(yield* Effect.flip(items.put("a", { item_id: "b" }))).toMatchObject({ errors: [{ field: "item_id" }] });
        expect((yield* items.put(known, { item_id: known })).isNew).toBe(true);
      }),
    ),
  );

  it.effect("takes all of a list or nothing", () =>
    onShelf(({ service }) =>
      Effect.gen(function* () {
        const { putAll } = yield* Items;
        const wrong = yield* Effect.flip(putAll([{ item_id: "a" }, { title: "b" }, { item_id: "108775015" }, 7]));
        expect(wrong).toMatchObject({ errors: [{ field: "[1].item_id" }, { field: "[2].item_id" }, { field: "[3]" }] });
        expect(yield* service.size).toBe(0);
        const list = [{ item_id: "a", title: "A" }, { item_id: "b" }, { item_id: "a", title: "again" }];
        expect(yield* putAll(list)).toEqual({ accepted: 3, rejected: 0, rejects: [] });
        const [a] = yield* service.find(["a"]);
        expect(a).toMatchObject({ itemIdx: 0, record: { fields: { title: "again" } } });
        for (const body of [[], {}, Array.from({ length: 1001 }, (_, n) => ({ item_id: `${n}` }))]) {
          expect(yield* Effect.flip(putAll(body))).toMatchObject({ errors: [{ field: "body" }] });
        }
      }),
    ),
  );

  it.effect("lets no item grow without bound by patches, and leaves one alone that is beyond them already", () =>
    onShelf(({ service }) =>
      Effect.gen(function* () {
        const { patch, put } = yield* Items;
        const some = (from: number) => Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`a${from + n}`, n]));
        yield* put("a", { attributes: some(0), valid_until: "2026-12-01T00:00:00Z" });
        expect(yield* Effect.flip(patch("a", { attributes: some(60) }))).toMatchObject({
          errors: [{ field: "attributes", detail: `send up to ${maxAttributes} attributes` }],
        });
        const late = { valid_from: "2026-12-02T00:00:00Z" };
        expect(yield* Effect.flip(patch("a", late))).toMatchObject({ errors: [{ field: "valid_until" }] });
        let refused = 0;
        for (let n = 0; refused === 0 && n < mostWords; n += 60) {
          const none = Object.fromEntries(Object.keys(some(1000 + n)).map((name) => [name, null]));
          refused = (yield* Effect.either(patch("a", { attributes: none })))._tag === "Left" ? n : 0;
        }
        expect(refused).toBeGreaterThan(mostWords - 120);
        const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`attributes.a${n}`, n]));
        yield* service.change([{ itemId: "of a file", kind: "replace", fields: many }]);
        expect((yield* patch("of a file", { available: false })).available).toBe(false);
      }),
    ),
  );

  it.effect("says that the catalogue is away, and that it is back", () =>
    onShelf(({ setAway }) =>
      Effect.gen(function* () {
        const items = yield* Items;
        const { outages } = yield* Vitals;
        yield* setAway(true);
        for (const self of [items.put("a", {}), items.find("a"), items.remove("a"), items.putAll([{ item_id: "a" }])]) {
          expect(yield* Effect.flip<unknown, unknown, never>(self)).toMatchObject({ _tag: "NotNow" });
        }
        expect(outages()).toMatchObject([{ role: "api", store: "catalogue" }]);
        yield* setAway(false);
        yield* items.put("a", {});
        expect(outages()).toEqual([]);
      }),
    ),
  );
});
