import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import * as fc from "fast-check";
import { decodeCursor, encodeCursor } from "../../../src/serving/items/Cursor.ts";
import { Items } from "../../../src/serving/items/Items.ts";
import { Listing, type ListQuery } from "../../../src/serving/items/Listing.ts";
import { onShelf } from "./Shelf.ts";

const asked = (query: Partial<ListQuery>) =>
  Effect.flatMap(Listing, ({ list }) => list({ query: undefined, filter: undefined, from: 0, limit: 50, ...query }));

const ids = (query: Partial<ListQuery>) =>
  Effect.map(asked(query), ({ items }) => items.map(({ item_id }) => item_id).join(" "));

describe("Listing", () => {
  it.live("finds items by words and filters, the unavailable among them and the removed not", () =>
    onShelf(({ service }) =>
      Effect.gen(function* () {
        const items = yield* Items;
        yield* items.put("a", { title: "Linen shirt", attributes: { price: 10, colour: "Black" } });
        yield* items.put("b", { title: "Linen shorts", available: false, attributes: { price: 20, colour: "Black" } });
        yield* items.put("c", { title: "Chemise légère", attributes: { price: 30 } });
        yield* service.allot(["never told of"]);
        expect(yield* ids({})).toBe("a b c");
        expect(yield* ids({ query: "linen sh" })).toBe("a b");
        expect(yield* ids({ query: "LEGERE" })).toBe("c");
        expect(yield* ids({ query: "–" })).toBe("a b c");
        expect(yield* ids({ filter: "price > 15" })).toBe("b c");
        expect(yield* ids({ query: "linen", filter: 'colour = "Black" AND price < 15' })).toBe("a");
        expect((yield* asked({ query: "shorts" })).items).toMatchObject([{ item_id: "b", available: false }]);
        yield* items.remove("a");
        yield* items.patch("c", { title: "Linen dress" });
        yield* items.put("d", { title: "linen" });
        expect(yield* ids({ query: "linen" })).toBe("b c d");
        expect(yield* ids({ query: "legere" })).toBe("");
        expect(yield* Effect.flip(asked({ filter: 'color = "Black"' }))).toMatchObject({
          _tag: "InvalidInput",
          errors: [{ field: "filter", detail: expect.stringMatching(/at character 1.*did you mean colour\?/) }],
        });
      }),
    ),
  );

  it.live("goes through all items once, page by page, whatever changes meanwhile", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const items = yield* Items;
        yield* items.putAll(Array.from({ length: 25 }, (_, n) => ({ item_id: `i${n}`, title: `shirt ${n % 2}` })));
        const seen: Array<string> = [];
        let from: number | undefined = 0;
        while (from !== undefined) {
          const page: Effect.Effect.Success<ReturnType<typeof asked>> = yield* asked({
            query: "shirt",
            limit: 4,
            from,
          });
          seen.push(...page.items.map(({ item_id }) => item_id));
          expect(page.items.length).toBeLessThanOrEqual(4);
          if (from === 0) {
            yield* items.remove("i1");
            yield* items.remove("i24");
            yield* items.put("i25", { title: "a shirt" });
          }
          from = page.next_cursor === null ? undefined : decodeCursor(page.next_cursor);
        }
        expect(seen).toEqual(Array.from({ length: 26 }, (_, n) => `i${n}`).filter((id) => id !== "i24"));
      }),
    ),
  );

  it("reads its own cursors and no others", () => {
    fc.assert(fc.property(fc.nat(2 ** 31 - 1), (itemIdx) => decodeCursor(encodeCursor(itemIdx)) === itemIdx));
    fc.assert(fc.property(fc.string(), (text) => decodeCursor(text) === undefined));
    expect(decodeCursor(`${encodeCursor(7)}=`)).toBeUndefined();
  });
});
