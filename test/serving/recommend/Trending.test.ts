/** What is popular is what the batch counted and the stream since, alike for strangers and in the blend. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Stream, TestClock } from "effect";
import { emptyUserState } from "../../../src/domain/UserState.ts";
import { programs } from "../../../src/http/Server.ts";
import type { Answer } from "../../../src/serving/recommend/Answer.ts";
import { noFilters, type RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { makeShop, type Shop } from "../Shop.ts";

const halfLife = 86_400;
const itemCount = 40;
const asOf = 100 * halfLife;
/** What the batch's events weigh together; item i's share is i of all. */
const total = 20;
const shares = Float32Array.from({ length: itemCount }, (_, row) => row / ((itemCount * (itemCount - 1)) / 2));

const recommend = (query: Partial<RecommendQuery>) =>
  Effect.flatMap(Recommend, (service) => service.recommend({ ...noFilters, user: "nobody", k: 4, ...query }));
const items = ({ recommendations }: Answer): ReadonlyArray<number> => recommendations.map(({ item_idx }) => item_idx);
const aSecond = TestClock.adjust("1001 millis");

const inShop = <A, E>(use: (shop: Shop) => Effect.Effect<A, E, Recommend | ServingModel>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop(itemCount);
    shop.addModel("a");
    const catalogue = shop.catalogues.get("a")!;
    catalogue.available[38] = 0;
    shop.catalogues.set("a", { ...catalogue, popularity: shares });
    shop.control.counted = { popularityTotal: total, popularityAsOf: asOf };
    yield* shop.serve("a");
    const serves = Effect.flatMap(ServingModel, ({ changes }) =>
      Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === "a")),
    );
    return yield* Effect.zipRight(serves, use(shop)).pipe(
      Effect.provide(programs.pipe(Layer.provide(shop.layer), Layer.provide(settings({ LEARNER: "blend" })))),
    );
  });

describe("Trending", () => {
  it.effect("goes on from the batch's shares with what the partitions saw since, once a second", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        // Item 38 is gone from the shop. What was sold in the batch's days alone bears on no model that tells its shares.
        shop.control.popular = { asOf: 0, windowDays: 30, items: [{ itemIdx: 1, buyers: 9 }] };
        const before = yield* recommend({});
        expect(items(before)).toEqual([39, 37, 36, 35]);
        expect(before).toMatchObject({ source: "trending_now" });
        expect(before.recommendations[0]?.score).toBeCloseTo(39 / 780, 6);
        // A half-life later, in two partitions: 20 of before weigh 10 by then.
        const later = asOf + halfLife;
        shop.trends.set(0, { next: 1n, asOf: later, total: 6, scores: new Map([[3, 4]]) });
        shop.trends.set(2, { next: 1n, asOf: later - halfLife, total: 8, scores: new Map([[5, 2], [38, 6]]) }); // biome-ignore format: one line
        expect(items(yield* recommend({}))).toEqual([39, 37, 36, 35]);
        yield* aSecond;
        const after = yield* recommend({});
        expect(items(after)).toEqual([3, 5, 39, 37]);
        const score = (item: number, live: number): number => ((item / 780) * 10 + live) / (10 + 6 + 4);
        for (const [place, wanted] of [score(3, 4), score(5, 1), score(39, 0)].entries()) {
          expect(after.recommendations[place]?.score).toBeCloseTo(wanted, 6);
        }
        shop.control.down.add("users").add("popular");
        yield* aSecond;
        expect(items(yield* recommend({}))).toEqual([3, 5, 39, 37]);
      }),
    ),
  );

  it.effect("is a part of the blend, live, and of its reasons", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        shop.users.set("a/u1", { ...emptyUserState, interactions: [{ itemIdx: 7, type: 2, time: 0 }] });
        const trendOf = ({ recommendations }: Answer, item: number): number => {
          const found = recommendations.find(({ item_idx }) => item_idx === item)!;
          const parts = found.reasons!.because.flatMap(({ followers, taste }) => [followers, taste]);
          expect(Math.fround(parts.reduce((sum, part) => sum + part, found.reasons!.trending))).toBe(found.score);
          return found.reasons!.trending;
        };
        const all = { user: "u1", k: itemCount, explain: itemCount };
        expect(trendOf(yield* recommend(all), 3)).toBeCloseTo(0.3 * Math.sqrt(3 / 780), 6);
        shop.trends.set(0, { next: 1n, asOf, total: 20, scores: new Map([[3, 20]]) });
        yield* aSecond;
        expect(trendOf(yield* recommend(all), 3)).toBeCloseTo(0.3 * Math.sqrt((20 * (3 / 780) + 20) / 40), 6);
      }),
    ),
  );
});
