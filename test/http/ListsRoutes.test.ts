/** GET /items/{item_id}/similar, GET /items/{item_id}/bought-together, GET /trending, over HTTP. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { AroundAnswer, TrendingAnswer } from "../../src/serving/lists/ListAnswer.ts";
import { packed } from "../support/FollowerEvents.ts";
import { expectProblem, fieldsOf, inShop, type Reply } from "./Served.ts";

const around = ({ body }: Reply): AroundAnswer =>
  Schema.decodeUnknownSync(AroundAnswer, { onExcessProperty: "error" })(body);
const trendingIn = ({ body }: Reply): TrendingAnswer =>
  Schema.decodeUnknownSync(TrendingAnswer, { onExcessProperty: "error" })(body);
const items = ({ recommendations }: Pick<AroundAnswer, "recommendations">) =>
  recommendations.map(({ item_idx }) => item_idx);
const itemId = (item: number) => String(100_000_000 + item).padStart(10, "0");
const both = ["similar", "bought-together"];

describe("lists about an item", () => {
  it.live("answer as the schema declares, by id, by an id that lost its zeros, and by index", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        for (const list of both) {
          const reply = yield* ask(`/items/${itemId(4)}/${list}?k=5`);
          expect(reply.status, reply.text).toBe(200);
          const answer = around(reply);
          expect(answer).toMatchObject({ item: itemId(4), user: null, model: "a" });
          expect(answer.recommendations).toHaveLength(5);
          expect(items(answer)).not.toContain(4);
          for (const id of ["100000004", "4"]) {
            expect(items(around(yield* ask(`/items/${id}/${list}?k=5`)))).toEqual(items(answer));
          }
          expect(items(around(yield* ask(`/items/4/${list}`)))).toHaveLength(10);
          expect(items(around(yield* ask(`/items/4/${list}?k=100`))).toSorted((a, b) => a - b)).toEqual(
            Array.from({ length: 60 }, (_, item) => item).filter((item) => item !== 4),
          );
        }
      }),
    ),
  );

  it.live("refuse what they do not know: items, parameters, values", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        for (const list of both) {
          for (const id of ["nothing", "60", "99999999999"]) {
            expectProblem(yield* ask(`/items/${id}/${list}`), 404, /There is no item/);
          }
          const wrong = yield* ask(`/items/4/${list}?k=101&seen=all&min_score=much&user=`);
          expectProblem(wrong, 400);
          expect(fieldsOf(wrong).toSorted()).toEqual(["k", "min_score", "seen", "user"]);
          expectProblem(yield* ask(`/items/4/${list}?diversity_lambda=1`), 400, /diversity_lambda/);
          expectProblem(yield* ask(`/items/4/${list}?filter=a%20b%20%3D`), 400, /filter/);
          expectProblem(yield* ask(`/items/4/${list}`, { method: "POST" }), 405);
        }
      }),
    ),
  );

  it.live("are still told of an item that was taken away, as its card is, and hold it no more", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        // As a batch leaves it: the catalogue knows the model's items by their indices.
        yield* shop.catalogue.service.allot(Array.from({ length: 60 }, (_, item) => itemId(item)));
        const body = JSON.stringify({ title: "Gone soon" });
        const put = yield* ask(`/items/${itemId(4)}`, {
          method: "PUT",
          body,
          headers: { "content-type": "application/json" },
        });
        expect(put.status, put.text).toBeLessThan(300);
        expect((yield* ask(`/items/${itemId(4)}`, { method: "DELETE" })).status).toBe(204);
        expectProblem(yield* ask(`/items/${itemId(4)}`), 404, /no item/);
        for (const list of both) {
          const answer = around(yield* ask(`/items/${itemId(4)}/${list}?k=5`));
          expect(answer).toMatchObject({ item: itemId(4), model: "a" });
          expect(answer.recommendations).toHaveLength(5);
          expect(items(around(yield* ask(`/items/5/${list}?k=100`)))).not.toContain(4);
        }
        expect((yield* ask(`/items/${itemId(4)}/card`)).status).toBe(200);
      }),
    ),
  );

  it.live("take filters, exclusions and a user's past, whom nobody need know", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.control.followed = [
          packed([
            { item: 7, before: [4] },
            { item: 8, before: [4] },
          ]),
        ];
        const of = (query: string) => Effect.map(ask(`/items/4/bought-together?k=60&${query}`), around);
        expect(
          items(yield* of(""))
            .slice(0, 2)
            .toSorted(),
        ).toEqual([7, 8]);
        expect(items(yield* of("exclude_ids=7"))[0]).toBe(8);
        const u2 = shop.users.get("a/u2")!;
        shop.users.set("a/u2", { ...u2, bought: Uint32Array.of(8), hidden: Uint32Array.of(7) });
        const left = items(yield* of("user=u2"));
        expect(left).not.toContain(7);
        expect(left).not.toContain(8);
        expect(left).toContain(2);
        expect(items(yield* of("user=u2&seen=seen"))).not.toContain(2);
        expect(items(yield* of("user=u2&seen=none"))[0]).toBe(8);
        expect((yield* of("user=2")).user).toBe("u2");
        expect(yield* of("user=nobody")).toMatchObject({ user: "nobody" });
        const hats = yield* of("product_type=Hat&exclude_groups=Shoes");
        expect(hats.recommendations.length).toBeGreaterThan(3);
        for (const { metadata } of hats.recommendations) {
          expect(metadata?.product_type_name).toBe("Hat");
          expect(metadata?.product_group_name).not.toBe("Shoes");
        }
        const near = yield* Effect.map(ask("/items/4/similar?k=60&min_score=0.9"), around);
        expect(near.recommendations.length).toBeGreaterThan(0);
        for (const { score } of near.recommendations) expect(score).toBeGreaterThanOrEqual(0.9);
      }),
    ),
  );
});

describe("GET /trending", () => {
  it.live("answers as the schema declares, with the half-life that was asked for", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.trends.set(1, { next: 1n, asOf: 0, total: 9, scores: new Map([[13, 9]]) });
        const answer = trendingIn(yield* ask("/trending?k=3"));
        expect(answer).toMatchObject({
          user: null,
          model: "a",
          half_life_seconds: 86_400,
          model_half_life_seconds: 86_400,
        });
        expect(answer.recommendations).toHaveLength(3);
        expect(trendingIn(yield* ask("/trending?half_life=12h"))).toMatchObject({ half_life_seconds: 43_200 });
        expect(trendingIn(yield* ask("/trending?half_life=2d"))).toMatchObject({ half_life_seconds: 172_800 });
        const far = yield* ask("/trending?half_life=6h");
        expectProblem(far, 400, /a half-life of 6h yet: .* the model's own, 24h/);
        expect(far.body.errors).toEqual([
          {
            field: "half_life",
            value: "6h",
            detail: "send hours from 12h to 48h, or leave it out; of the next batch's model any can be asked",
          },
        ]);
        expectProblem(yield* ask("/trending?rotation=2"), 400, /rotation/);
        for (const wrong of ["0h", "366d", "8761h", "9999d", "1.5h", "h", "6", "90m", "01h", ""]) {
          const reply = yield* ask(`/trending?half_life=${wrong}`);
          expectProblem(reply, 400, /from 1h to 365d/);
          expect(fieldsOf(reply)).toEqual(["half_life"]);
        }
        shop.users.set("a/u1", { ...shop.users.get("a/u1")!, bought: Uint32Array.of(7) });
        expect(items(trendingIn(yield* ask("/trending")))).toContain(7);
        expect(items(trendingIn(yield* ask("/trending?user=u1")))).not.toContain(7);
      }),
    ),
  );

  it.live("answers while no model serves, from best sellers", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        yield* shop.serve(undefined);
        const reply = yield* Effect.repeat(ask("/trending?k=2"), { until: ({ body }) => body.model === null });
        expect(trendingIn(reply)).toMatchObject({ model: null, half_life_seconds: null });
        expect(items(trendingIn(reply))).toEqual([7, 3]);
      }),
    ),
  );
});
