/** Every answer carries an id of its own, which tells model, positions and sources; the same where the clock is. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Stream, TestClock } from "effect";
import { readRecommendationId } from "../../../src/domain/RecommendationId.ts";
import { programs } from "../../../src/http/Server.ts";
import type { Answer } from "../../../src/serving/recommend/Answer.ts";
import { decodePage } from "../../../src/serving/recommend/Page.ts";
import { noFilters, type RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { makeShop, type Shop } from "../Shop.ts";

const recommend = (user: RecommendQuery["user"], k: number) =>
  Effect.flatMap(Recommend, (service) => service.recommend({ ...noFilters, user, k }));

const inShop = <A, E>(use: (shop: Shop) => Effect.Effect<A, E, Recommend | ServingModel>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    shop.addModel("a");
    shop.control.popular = { asOf: 0, windowDays: 30, items: [7, 3].map((itemIdx) => ({ itemIdx, buyers: 9 })) };
    yield* shop.serve("a");
    const started = Effect.flatMap(ServingModel, ({ changes }) =>
      Stream.runDrain(Stream.takeUntil(changes, (serving) => serving !== undefined)),
    );
    const set = settings({ LEARNER: "ema" });
    return yield* Effect.zipRight(started, use(shop)).pipe(
      Effect.provide(programs.pipe(Layer.provide(shop.layer), Layer.provide(set))),
    );
  });

const expectTold = ({ model, recommendation_id, recommendations }: Answer) => {
  const read = readRecommendationId(recommendation_id);
  expect(read).toMatchObject({ model: model ?? undefined, items: recommendations.length });
  recommendations.forEach(({ metadata, source }, place) => {
    if (metadata !== null) expect(read?.find(metadata.article_id)).toEqual({ position: place + 1, source });
  });
  return read;
};

describe("an answer's id", () => {
  it.effect("tells model, time, and each item's position and source", () =>
    inShop(() =>
      Effect.gen(function* () {
        yield* TestClock.setTime(1_700_000_000_900);
        const answers = [yield* recommend("u1", 50), yield* recommend("nobody", 10), yield* recommend(null, 3)];
        for (const answer of answers) expect(expectTold(answer)?.seconds).toBe(1_700_000_000);
        expect(new Set(answers.flatMap(({ recommendations }) => recommendations.map(({ source }) => source)))).toEqual(
          new Set(["personalized", "trending", "catalogue"]),
        );
      }),
    ),
  );

  it.effect("counts positions through all pages of a list", () =>
    inShop(() =>
      Effect.gen(function* () {
        const first = yield* recommend("u1", 4);
        const page = decodePage(first.next_page ?? "");
        const service = yield* Recommend;
        const second = yield* service.recommend({ ...noFilters, user: "u1", k: 4, page });
        const read = readRecommendationId(second.recommendation_id);
        expect(second.recommendations.map(({ metadata }) => read?.find(metadata?.article_id ?? "")?.position)).toEqual([
          5, 6, 7, 8,
        ]);
      }),
    ),
  );

  it.effect("is there without a model, and tells that there was none", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        yield* shop.serve(undefined);
        const { changes } = yield* ServingModel;
        yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving === undefined));
        const answer = yield* recommend("u1", 2);
        expect(answer.model).toBeNull();
        expectTold(answer);
      }),
    ),
  );

  it.effect("is another one each time, and the same again where the clock is", () => {
    const asked = inShop(() => Effect.all([recommend("u1", 5), recommend("u1", 5)]));
    return Effect.gen(function* () {
      const ids = (yield* asked).map(({ recommendation_id }) => recommendation_id);
      expect(new Set(ids).size).toBe(2);
      expect((yield* asked).map(({ recommendation_id }) => recommendation_id)).toEqual(ids);
    });
  });
});
