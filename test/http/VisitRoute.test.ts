/** POST /recommend: for a visitor of whom nothing is stored. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { Answer } from "../../src/serving/recommend/Answer.ts";
import { maxContext } from "../../src/serving/recommend/VisitInput.ts";
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
            { context: [], k: 51, seen: "all", variants: 51, explain: 1, explain_top_k: 11, seed: 2 ** 32 },
            ["k", "seen", "variants", "explain", "explain_top_k", "seed"],
          ],
          [{ context: [], exclude_ids: "a,b" }, ["exclude_ids"]],
          [[], [""]],
        ] as const;
        for (const [body, fields] of wrong) {
          const reply = yield* ask("/recommend", post(body));
          expectProblem(reply, 400);
          expect(fieldsOf(reply), JSON.stringify(body).slice(0, 100)).toEqual(fields);
        }
        expectProblem(yield* ask("/recommend", post("{")), 400);
        expectProblem(yield* ask("/recommend", { method: "POST", body: "context=1" }), 415);
        expectProblem(yield* ask("/recommend"), 405);
      }),
    ),
  );
});
