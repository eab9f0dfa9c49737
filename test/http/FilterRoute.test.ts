/** The parameter `filter` of a recommendation, in a query and in a body. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { Answer } from "../../src/serving/recommend/Answer.ts";
import { expectProblem, inShop, post, type Reply } from "./Served.ts";

const filtered = (filter: string) => `/recommend/u1?k=50&seen=none&filter=${encodeURIComponent(filter)}`;
const visit = (body: object) => post({ context: [{ item_idx: 1 }], k: 50, seen: "none", ...body });

/** Of a shop that has put all its items up, with attributes. */
const inStockedShop = <E>(use: Parameters<typeof inShop<void, E>>[0]) =>
  inShop<void, E>((ask, shop, base) =>
    Effect.gen(function* () {
      const items = shop.catalogues.get("a")!.metadata.map(({ article_id, prod_name, ...names }, i) => ({
        item_id: article_id,
        title: prod_name,
        attributes: {
          ...names,
          price: i,
          tags: i % 2 === 0 ? ["even", "sale"] : ["odd"],
          ...(i < 20 ? { size: "S" } : {}),
        },
      }));
      expect((yield* ask("/items", post(items))).status).toBe(200);
      yield* use(ask, shop, base);
    }),
  );

const itemsIn = ({ body, status, text }: Reply) => {
  expect(status, text).toBe(200);
  return Schema.decodeUnknownSync(Answer)(body).recommendations;
};
const numbersIn = (reply: Reply): ReadonlyArray<number> =>
  itemsIn(reply)
    .map(({ item_idx }) => item_idx)
    .sort((a, b) => a - b);
const upTo = (count: number, passes: (i: number) => boolean = () => true): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, i) => i).filter(passes);

describe("filter", () => {
  it.live("may be as long as it is said, whatever its characters take in a query", () =>
    inStockedShop((ask) =>
      Effect.gen(function* () {
        const longest = `title != "${"語".repeat(1_980)}"`;
        expect(numbersIn(yield* ask(filtered(longest)))).toHaveLength(50);
        expectProblem(yield* ask(filtered(longest.padEnd(2_001))), 400, /filter/);
      }),
    ),
  );

  it.live("holds, in a query and in a body, alone and beside the shorthands", () =>
    inStockedShop((ask) =>
      Effect.gen(function* () {
        const cheap = "price < 30 AND tags:sale AND NOT price = (4 OR 6)";
        const expected = upTo(30, (i) => i % 2 === 0 && i !== 4 && i !== 6);
        expect(numbersIn(yield* ask(filtered(cheap)))).toEqual(expected);
        expect(numbersIn(yield* ask("/recommend", visit({ filter: cheap })))).toEqual(expected);
        expect(numbersIn(yield* ask("/recommend/u1?k=3&seen=none&filter=price%3C2"))).toEqual([0, 1]);
        expect(numbersIn(yield* ask(filtered('-size:* title = "a item 2*"')))).toEqual(upTo(30, (i) => i >= 20));
        const types = (reply: Reply) => new Set(itemsIn(reply).map(({ metadata }) => metadata?.product_type_name));
        const some = "NOT product_type_name = (Hat OR Scarf)";
        expect(types(yield* ask(filtered(some)))).toEqual(new Set(["Boots", "T-shirt"]));
        const beside = yield* ask(`${filtered(some)}&product_type=Hat&product_type=Boots`);
        expect(types(beside)).toEqual(new Set(["Boots"]));
        const body = visit({ filter: some, product_type: ["Hat", "Boots"] });
        expect(types(yield* ask("/recommend", body))).toEqual(new Set(["Boots"]));
        expect(numbersIn(yield* ask(filtered("price > 1000")))).toEqual([]);
        expect(numbersIn(yield* ask(filtered(" ")))).toHaveLength(50);
      }),
    ),
  );

  it.live("that cannot be understood is told where it is wrong, and what was probably meant", () =>
    inStockedShop((ask) =>
      Effect.gen(function* () {
        const wrong = "price < 30 AND prise > 3";
        const detail = "at character 16: no item has an attribute prise (did you mean price?)";
        for (const reply of [yield* ask(filtered(wrong)), yield* ask("/recommend", visit({ filter: wrong }))]) {
          expectProblem(reply, 400, /prise/);
          expect(reply.body.errors).toEqual([{ field: "filter", value: wrong, detail }]);
        }
        for (const filter of ["(", "price <", '"red shoes"', "x".repeat(2_001)]) {
          expectProblem(yield* ask(filtered(filter)), 400, /filter/);
          expectProblem(yield* ask("/recommend", visit({ filter })), 400, /filter/);
        }
        expectProblem(yield* ask(`${filtered("price = 1")}&filter=b`), 400, /filter: send one filter/);
        expectProblem(yield* ask("/recommend", visit({ filter: 1 })), 400, /send a filter/);
      }),
    ),
  );
});
