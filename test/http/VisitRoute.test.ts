/** POST /recommend: for a visitor of whom nothing is stored; POST /recommend/{user_id}: for a user in the middle of a visit. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { Answer } from "../../src/serving/recommend/Answer.ts";
import { maxContext } from "../../src/serving/recommend/VisitInput.ts";
import { encodeToken } from "../../src/serving/Token.ts";
import { partitions } from "../serving/Shop.ts";
import { expectProblem, fieldsOf, inShop, post } from "./Served.ts";

const item = (itemIdx: number): string => String(100_000_000 + itemIdx).padStart(10, "0");

describe("POST /recommend", () => {
  it.live("answers by what the visitor did, as the schema declares, with any learner", () =>
    Effect.forEach(["ema", "fold-in", "blend"], (LEARNER) =>
      inShop(
        (ask) =>
          Effect.gen(function* () {
            const context = [
              { item_id: item(3) },
              { item_idx: 5, event_type: "purchase" },
              { item_id: "no such item" },
            ];
            const reply = yield* ask("/recommend", post({ context, k: 4, product_type: "Hat" }));
            expect(reply.status).toBe(200);
            const answer = Schema.decodeUnknownSync(Answer, { onExcessProperty: "error" })(reply.body);
            expect(answer).toMatchObject({ user: null, source: "personalized", model: "a" });
            expect(answer.recommendations.length).toBe(4);
            for (const { item_idx, metadata } of answer.recommendations) {
              expect(metadata?.product_type_name).toBe("Hat");
              expect(item_idx).not.toBe(5);
            }
            const other = yield* ask("/recommend", post({ context: [{ item_idx: 11 }], k: 4, product_type: "Hat" }));
            expect(other.body.recommendations).not.toEqual(reply.body.recommendations);
            const nothing = yield* ask("/recommend", post({ context: [] }));
            expect(nothing.body).toMatchObject({ user: null, source: "trending_now" });
          }),
        { LEARNER },
      ),
    ),
  );

  it.live("stores nothing", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const before = new Map(shop.users);
        yield* ask("/recommend", post({ context: [{ item_idx: 1, event_type: "purchase" }] }));
        expect(shop.users).toEqual(before);
        expect(shop.appended).toEqual([]);
      }),
    ),
  );

  it.live(
    "answers who is known as if what the body tells had just happened behind what is stored, with any learner",
    () =>
      Effect.forEach(["ema", "fold-in", "blend"], (LEARNER) =>
        inShop(
          (ask, shop) =>
            Effect.gen(function* () {
              const context = [{ item_id: item(3) }, { item_idx: 5, event_type: "purchase" }];
              const before = new Map(shop.users);
              const joined = yield* ask("/recommend/u1", post({ context, k: 20 }));
              expect(joined.status, joined.text).toBe(200);
              expect(joined.body).toMatchObject({ user: "u1", source: "personalized" });
              const plain = yield* ask("/recommend/u1", post({ k: 20 }));
              const got = yield* ask("/recommend/u1?k=20");
              expect({ ...plain.body, recommendation_id: "" }).toEqual({ ...got.body, recommendation_id: "" });
              expect(shop.users).toEqual(before);
              // The same from whoever has all of it stored, or none of it.
              const all = yield* ask(
                "/recommend",
                post({ context: [{ item_idx: 1, event_type: "click" }, ...context], k: 20 }),
              );
              const known = shop.users.get("a/u1")!;
              shop.users.set("a/u1", { ...known, vector: undefined });
              const told = yield* ask("/recommend/u1", post({ context, k: 20 }));
              if (LEARNER !== "ema") expect(told.body.recommendations).toEqual(all.body.recommendations);
              shop.users.set("a/u1", { ...known, vector: undefined, interactions: [] });
              const anew = yield* ask("/recommend/u1", post({ context, k: 20 }));
              expect(anew.body.recommendations).toEqual(
                (yield* ask("/recommend", post({ context, k: 20 }))).body.recommendations,
              );
              expect(anew.body.recommendations).not.toEqual(joined.body.recommendations);
            }),
          { LEARNER },
        ),
      ),
  );

  it.live("takes a token in the body, and waits for no other", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.ends[1] = 8n;
        for (let partition = 0; partition < partitions; partition++) shop.positions.set(`a/${partition}`, 8n);
        const after = encodeToken({ log: "shop", positions: [{ partition: 1, offset: 7n }] });
        expect((yield* ask("/recommend/u1", post({ after }))).body).toMatchObject({ caught_up: true });
        expect((yield* ask("/recommend", post({ context: [], after }))).body).toMatchObject({ caught_up: true });
        for (const path of ["/recommend", "/recommend/u1"]) {
          const reply = yield* ask(path, post({ context: [], after: "bogus" }));
          expectProblem(reply, 400, /token/);
          expect(fieldsOf(reply)).toEqual(["after"]);
        }
      }),
    ),
  );

  it.live("names everything that is wrong, and what to send instead", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const wrong = [
          [{}, ["context"]],
          [{ context: [{}] }, ["context.0.item_id"]],
          [{ context: [{ item_id: "" }] }, ["context.0.item_id"]],
          [{ context: [{ item_idx: -1 }, { item_idx: 1.5 }] }, ["context.0.item_idx", "context.1.item_idx"]],
          [{ context: [{ item_idx: 1, event_type: "wink" }], k: 0 }, ["context.0.event_type", "k"]],
          [{ context: Array.from({ length: maxContext + 1 }, () => ({ item_idx: 1 })) }, ["context"]],
          [
            {
              context: [],
              k: 101,
              seen: "all",
              min_score: "1",
              rotation: 2,
              page: "x",
              variants: 101,
              explain: 1,
              explain_top_k: 51,
              seed: 2 ** 32,
            },
            ["k", "seen", "min_score", "page", "rotation", "variants", "explain", "explain_top_k", "seed"],
          ],
          [{ context: [], exclude_ids: "a,b" }, ["exclude_ids"]],
          [{ context: [], filtr: "price < 3", K: 3 }, ["filtr", "K"]],
          [[], ["body"]],
        ] as const;
        for (const [body, fields] of wrong) {
          const reply = yield* ask("/recommend", post(body));
          expectProblem(reply, 400);
          expect(fieldsOf(reply), JSON.stringify(body).slice(0, 100)).toEqual(fields);
          if (fields[0] === "context" && !("context" in body)) continue;
          expect(fieldsOf(yield* ask("/recommend/u1", post(body)))).toEqual(fields);
        }
        expectProblem(yield* ask("/recommend", post("{")), 400);
        expectProblem(yield* ask("/recommend", { method: "POST", body: "context=1" }), 415);
        expectProblem(yield* ask("/recommend"), 405);
      }),
    ),
  );
});
