/** POST /trace: the list that is answered to the same question, with its stages, for whoever may see them. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { Traced } from "../../src/serving/recommend/trace/Traced.ts";
import { expectProblem, fieldsOf, inShop, post } from "./Served.ts";

describe("POST /trace", () => {
  it.live("answers a shopper and a visitor what is answered elsewhere, as the schema declares", () =>
    Effect.forEach(["ema", "blend"], (LEARNER) =>
      inShop(
        (ask) =>
          Effect.gen(function* () {
            const question = { context: [{ item_idx: 3 }], k: 6, diversity_lambda: 0.6, explain: true };
            for (const [user, path] of [["u1", "/recommend/u1"] as const, [undefined, "/recommend"] as const]) {
              const answer = yield* ask(path, post(question));
              const reply = yield* ask("/trace", post({ ...question, ...(user && { user_id: user }) }));
              expect(reply.status, reply.text).toBe(200);
              const traced = Schema.decodeUnknownSync(Traced, { onExcessProperty: "error" })(reply.body);
              expect(traced.recommendations).toEqual(answer.body.recommendations);
              expect([traced.user, traced.source, traced.model]).toEqual([
                answer.body.user,
                answer.body.source,
                answer.body.model,
              ]);
              expect(traced.items.slice(0, 6).map(({ item_idx }) => item_idx)).toEqual(
                traced.recommendations.map(({ item_idx }) => item_idx),
              );
            }
          }),
        { LEARNER },
      ),
    ),
  );

  it.live("is counted as no answer, and named nothing that an event could come of", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const answers = Effect.map(ask("/metrics"), ({ text }) =>
          text.split("\n").filter((line) => line.startsWith("slipstream_recommended_items_total{")),
        );
        yield* ask("/recommend/u1", post({}));
        const before = yield* answers;
        expect(before.length).toBeGreaterThan(0);
        const { body } = yield* ask("/trace", post({ user_id: "u1" }));
        expect(body).not.toHaveProperty("recommendation_id");
        expect(yield* answers).toEqual(before);
      }),
    ),
  );

  it.live("names everything that is wrong with a question", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const wrong = yield* ask("/trace", post({ user_id: "", k: 0, after: "bogus", context: [{}] }));
        expectProblem(wrong, 400);
        expect(fieldsOf(wrong).toSorted()).toEqual(["after", "k", "user_id"]);
        expectProblem(yield* ask("/trace", post({ user_id: "u1", filter: "nothing = 1" })), 400, /nothing/);
        expectProblem(yield* ask("/trace", { method: "POST", body: "k=1" }), 415);
      }),
    ),
  );
});
