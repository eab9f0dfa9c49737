/** GET /console/shop, /console/shoppers, /console/items, POST /console/simulation, over HTTP. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { ItemsFound, Shop, ShoppersFound } from "../../src/serving/storefront/StorefrontSchema.ts";
import { expectProblem, fieldsOf, inShop, post, type Reply } from "./Served.ts";

const exactly = { onExcessProperty: "error" } as const;
const shopIn = ({ body }: Reply): Shop => Schema.decodeUnknownSync(Shop, exactly)(body);
const shoppersIn = ({ body }: Reply): ShoppersFound => Schema.decodeUnknownSync(ShoppersFound, exactly)(body);

const purchase = 2;
const bought = (items: ReadonlyArray<number>) => ({
  ...emptyUserState,
  bought: Uint32Array.from(items),
  interactions: items.map((itemIdx) => ({ itemIdx, type: purchase, time: 1 })),
});

describe("what the storefront asks", () => {
  it.live("is answered of the shop: a real one, as long as nothing says that it was made up", () =>
    inShop(
      (ask) =>
        Effect.gen(function* () {
          const shoes = Array.from({ length: 6 }, (_, n) => ({
            item_id: `${n}`,
            attributes: { colour: n < 4 ? "Black" : "Red" },
          }));
          yield* ask("/items", post(shoes));
          const told = shopIn(yield* ask("/console/shop"));
          expect(told).toMatchObject({ model: "a", items: 6, made_up: false, explains: true, simulation: null });
          expect(told.event_types.map(({ name }) => name)).toEqual(["click", "add_to_cart", "purchase"]);
          const values = [
            { value: "Black", items: 4 },
            { value: "Red", items: 2 },
          ];
          expect(told.facets).toEqual([{ name: "colour", values }]);
        }),
      { LEARNER: "blend" },
    ),
  );

  it.live("finds a shopper by their id, with what they had most to do with, and nobody of whom nothing is known", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        // Items 0, 3 and 6 are Shoes, 1 is not.
        shop.users.set("a/anna", bought([0, 3, 6, 1]));
        shop.users.set("a/none", emptyUserState);
        const { shoppers } = shoppersIn(yield* ask("/console/shoppers?q=anna"));
        expect(shoppers).toEqual([
          {
            user: "anna",
            purchases: 4,
            interactions: 4,
            groups: ["Ladieswear · Shoes", "Ladieswear · Garment Upper body"],
          },
        ]);
        expect(shoppersIn(yield* ask("/console/shoppers?q=none")).shoppers).toEqual([]);
        expect(fieldsOf(yield* ask("/console/shoppers"))).toEqual(["q"]);
        shop.control.down.add("users");
        expectProblem(yield* ask("/console/shoppers?q=anna"), 503, /store/);
      }),
    ),
  );

  it.live("names items by their ids, those that there are", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        yield* ask("/items", post([{ item_id: "01" }, { item_id: "02" }, { item_id: "03" }]));
        const { body, status } = yield* ask("/console/items?ids=02,missing,01");
        const { items } = Schema.decodeUnknownSync(ItemsFound)(body);
        expect([status, items.map(({ item_id }) => item_id).sort()]).toEqual([200, ["01", "02"]]);
        yield* ask("/items", post([{ item_id: "04,05" }]));
        const named = (query: string) =>
          Effect.map(ask(`/console/items?${query}`), ({ body }) =>
            Schema.decodeUnknownSync(ItemsFound)(body)
              .items.map(({ item_id }) => item_id)
              .sort(),
          );
        expect(yield* named("ids=04%2C05&ids=")).toEqual(["04,05"]);
        expect(yield* named("ids=04%2C05&ids=02")).toEqual(["02", "04,05"]);
        expect(yield* named("ids=04%2C03")).toEqual(["03"]);
        const tooMany = Array.from({ length: 201 }, (_, item) => item).join(",");
        for (const ids of ["", ",", tooMany]) {
          expect(fieldsOf(yield* ask(`/console/items?ids=${ids}`))).toEqual(["ids"]);
        }
        expect(fieldsOf(yield* ask(`/console/items?ids=${tooMany.replaceAll(",", "&ids=")}`))).toEqual(["ids"]);
        // Empty ones count, too, as the document's maxItems has it.
        expect(fieldsOf(yield* ask(`/console/items?ids=02${"&ids=".repeat(200)}`))).toEqual(["ids"]);
        expect(yield* named(`ids=02${"&ids=".repeat(199)}`)).toEqual(["02"]);
      }),
    ),
  );

  it.live("switches no made-up shoppers on in a real shop", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        expectProblem(yield* ask("/console/simulation", post({ on: true })), 409, /made-up shoppers/);
        const wrong = yield* ask("/console/simulation", post({ on: true, per_second: 1e6 }));
        expect([wrong.status, fieldsOf(wrong)]).toEqual([400, ["per_second"]]);
        for (const body of ["\0", "[]", "{}", '{"on":"yes"}', '"on"']) {
          expect((yield* ask("/console/simulation", { ...post({}), body })).status, body).toBe(400);
        }
      }),
    ),
  );
});
