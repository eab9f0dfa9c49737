/** What the stages tell of one recommendation, and that it is the same whether anybody is told. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Stream } from "effect";
import { programs } from "../../../src/http/Server.ts";
import type { Observer } from "../../../src/serving/recommend/Observer.ts";
import { noFilters, type RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { said } from "../Said.ts";
import { makeShop } from "../Shop.ts";

/** Notes who is told of what, and changes nothing. */
const noting = () => {
  const told: Array<string> = [];
  const refused = new Set<number>();
  const note = (name: string) => () => void told.push(name);
  const observer: Observer = {
    asked: note("asked"),
    near: note("near"),
    blending: note("blending"),
    followed: note("followed"),
    firstLook: (allowed) => allowed,
    scored: note("scored"),
    sunk: note("sunk"),
    lastLook: (gate) => (candidate) => {
      const isIn = gate(candidate);
      if (!isIn) refused.add(candidate.itemIdx);
      return isIn;
    },
    ordered: note("ordered"),
    selected: note("selected"),
    explored: note("explored"),
  };
  return { observer, refused, told };
};

describe("An observer", () => {
  const query: RecommendQuery = { ...noFilters, user: "u3", k: 50, excludeIds: ["0100000007"], diversity: 0.7 };
  const ways = [
    { learner: "ema", expected: ["asked", "near", "scored", "sunk", "ordered", "selected", "explored"] },
    {
      learner: "blend",
      expected: ["asked", "near", "blending", "followed", "scored", "sunk", "ordered", "selected", "explored"],
    },
  ];
  for (const { expected, learner } of ways) {
    it.live(`is told of each stage once, in order, and changes nothing, with LEARNER=${learner}`, () =>
      Effect.gen(function* () {
        const shop = yield* makeShop();
        shop.addModel("a");
        shop.control.popular = { asOf: 0, windowDays: 30, items: [{ itemIdx: 7, buyers: 9 }] };
        yield* shop.serve("a");
        yield* Effect.gen(function* () {
          const { changes } = yield* ServingModel;
          yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === "a"));
          const { recommend } = yield* Recommend;
          const { observer, refused, told } = noting();
          const watched = yield* recommend(query, observer);
          expect(told).toEqual(expected);
          expect([...refused]).toContain(7);
          const plain = yield* recommend(query);
          expect(said(watched)).toEqual(said(plain));
          // Nobody is shown it, so no event can come of it.
          expect(watched.recommendation_id).toBe("");
          expect(plain.recommendation_id).not.toBe("");
        }).pipe(
          Effect.provide(programs.pipe(Layer.provide(shop.layer), Layer.provide(settings({ LEARNER: learner })))),
        );
      }),
    );
  }
});
