/** Lists about an item, and of what trends: what is in them, in which order, and why. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Stream, TestClock } from "effect";
import { LiveCatalogue } from "../../../src/catalogue/LiveCatalogue.ts";
import { readRecommendationId } from "../../../src/domain/RecommendationId.ts";
import { nothingShown, withShown } from "../../../src/domain/ShownItems.ts";
import { itemTrendsOf, rungs } from "../../../src/domain/TrendLadder.ts";
import { emptyUserState } from "../../../src/domain/UserState.ts";
import { programs } from "../../../src/http/Server.ts";
import { advanceTrend } from "../../../src/learning/Trending.ts";
import { addToRungs } from "../../../src/learning/TrendLadder.ts";
import { writePopularity } from "../../../src/models/ItemPopularity.ts";
import type { ModelItems } from "../../../src/ports/ItemIndex.ts";
import type { Tables } from "../../../src/ports/Tables.ts";
import { boundsOf } from "../../../src/serving/lists/AskedHalfLife.ts";
import { type AroundQuery, Lists, type TrendingQuery } from "../../../src/serving/lists/Lists.ts";
import type { Recommendation } from "../../../src/serving/recommend/Answer.ts";
import { noFilters } from "../../../src/serving/recommend/Query.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { packed } from "../../support/FollowerEvents.ts";
import { makeShop, rank, type Shop } from "../Shop.ts";

const itemCount = 40;
const day = 86_400;
const itemId = (item: number) => String(100_000_000 + item).padStart(10, "0");

/** Item i lies at an angle of 5.1·i degrees from item 0, and is the longer the larger i is: so 0 … 17 are near to it. */
const vectors = Float32Array.from({ length: itemCount * rank }, (_, at) => {
  const [item, factor] = [Math.floor(at / rank), at % rank];
  const angle = (5.1 * item * Math.PI) / 180;
  return (1 + item) * (factor === 0 ? Math.cos(angle) : factor === 1 ? Math.sin(angle) : 0);
});

const inShop = <A, E>(
  use: (shop: Shop) => Effect.Effect<A, E, Lists | ServingModel | LiveCatalogue | Tables>,
  change: (items: ModelItems) => ModelItems = (items) => items,
) =>
  Effect.gen(function* () {
    const shop = yield* makeShop(itemCount);
    shop.addModel("a");
    const popularity = Float32Array.from({ length: itemCount }, (_, row) => row / 1000);
    shop.catalogues.set("a", change({ ...shop.catalogues.get("a")!, vectors, popularity }));
    shop.control.counted = { popularityTotal: 100, popularityAsOf: 0 };
    yield* shop.serve("a");
    const serves = Effect.flatMap(ServingModel, ({ changes }) =>
      Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === "a")),
    );
    return yield* Effect.zipRight(serves, use(shop)).pipe(
      Effect.provide(programs.pipe(Layer.provideMerge(shop.layer), Layer.provide(settings({ LEARNER: "blend" })))),
    );
  });

const about = (item: string, query: Partial<AroundQuery> = {}): AroundQuery => ({
  ...noFilters,
  user: null,
  k: 5,
  ...query,
  item,
});
const similar = (item: number | string, query?: Partial<AroundQuery>) =>
  Effect.flatMap(Lists, (lists) => lists.similar(about(typeof item === "number" ? itemId(item) : item, query)));
const together = (item: number, query?: Partial<AroundQuery>) =>
  Effect.flatMap(Lists, (lists) => lists.boughtTogether(about(itemId(item), query)));
const trending = (query: Partial<TrendingQuery>) =>
  Effect.flatMap(Lists, (lists) => lists.trending({ ...noFilters, user: null, k: 5, halfLife: undefined, ...query }));

type List = { readonly recommendations: ReadonlyArray<Recommendation> };
const items = ({ recommendations }: List) => recommendations.map(({ item_idx }) => item_idx);
const of = ({ recommendations }: List, source: string) =>
  recommendations.filter((one) => one.source === source).map(({ item_idx }) => item_idx);

describe("items like one", () => {
  it.effect("are those of the smallest angle, however long their vectors, by their cosines", () =>
    inShop(() =>
      Effect.gen(function* () {
        const answer = yield* similar(0);
        expect(items(answer)).toEqual([1, 2, 3, 4, 5]);
        answer.recommendations.forEach(({ score, source }, at) => {
          expect(source).toBe("similar");
          expect(score).toBeCloseTo(Math.cos((5.1 * (at + 1) * Math.PI) / 180), 5);
        });
        expect(answer).toMatchObject({ item: itemId(0), user: null, model: "a" });
        const read = readRecommendationId(answer.recommendation_id);
        expect(read?.find(itemId(3))).toEqual({ position: 3, source: "similar" });
      }),
    ),
  );

  it.effect("go on with what follows the item, then its own type, then its group, then all others", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        shop.control.followed = [packed([{ item: 33, before: [0] }])];
        // Item 0 is one of Boots (each fourth) of Shoes (each third); 18 and beyond are across or away.
        const answer = yield* similar(0, { k: 39 });
        expect(of(answer, "similar")).toEqual(Array.from({ length: 17 }, (_, i) => i + 1));
        expect(of(answer, "followers")).toEqual([33]);
        expect(of(answer, "trending").slice(0, 5)).toEqual([36, 32, 28, 24, 20]);
        expect(of(answer, "trending").slice(5, 10)).toEqual([39, 30, 27, 21, 18]);
        expect(of(answer, "trending").slice(10, 12)).toEqual([38, 37]);
        expect(items(answer)).toHaveLength(39);
      }),
    ),
  );

  it.effect("hold k while the index is away, and of an item of which no vector is known", () =>
    inShop(
      (shop) =>
        Effect.gen(function* () {
          shop.control.followed = [packed([{ item: 33, before: [0, 2] }])];
          const unknown = yield* similar(2);
          expect(of(unknown, "followers")).toEqual([33]);
          expect(of(unknown, "trending")).toEqual([38, 34, 30, 26]);
          shop.control.down.add("index");
          expect(items(yield* similar(0))).toEqual([1, 3, 4, 5, 6]);
        }),
      (all) => ({ ...all, vectors: vectors.map((value, at) => (Math.floor(at / rank) === 2 ? 0 : value)) }),
    ),
  );

  it.effect("among them new ones, which lie where their attributes say, a quarter at most while others are near", () =>
    inShop(
      (shop) =>
        Effect.gen(function* () {
          const live = yield* LiveCatalogue;
          // Ids of the model's items have their indices.
          yield* shop.catalogue.service.allot(Array.from({ length: itemCount }, (_, item) => itemId(item)));
          yield* live.change(
            ["North", "North", "North", "East"].map((way, at) => ({
              itemId: `new ${at}`,
              kind: "replace",
              fields: { title: `new ${at}`, "attributes.product_group_name": way },
            })),
          );
          const answer = yield* similar(0, { k: 8 });
          expect(items(answer)).toEqual([itemCount, itemCount + 1, 1, 2, 3, 4, 5, 6]);
          expect(answer.recommendations[0]?.score).toBe(1);
          const own = yield* similar("new 3", { k: 3 });
          expect(own).toMatchObject({ item: "new 3" });
          expect(items(own).toSorted()).toEqual([17, 18, 19]);
          const narrow = yield* similar(0, { k: 3, productGroup: "North" });
          expect(items(narrow)).toEqual([itemCount, itemCount + 1, itemCount + 2]);
        }),
      (all) => ({
        ...all,
        attributes: {
          features: ["", "product_group_name=North", "product_group_name=East"],
          weights: Float32Array.from({ length: 3 * rank }, (_, at) => (at === rank || at === 2 * rank + 1 ? 1 : 0)),
        },
      }),
    ),
  );
});

describe("items that go with one", () => {
  it.effect("are what followed it, the most frequent first, then what is near, then what trends", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        shop.control.followed = [
          packed([
            { item: 30, before: [0] },
            { item: 20, before: [0] },
            { item: 30, before: [0] },
          ]),
        ];
        const answer = yield* together(0, { k: 22 });
        expect(of(answer, "followers")).toEqual([30, 20]);
        expect(answer.recommendations[0]?.score).toBeCloseTo(2 / 13, 6);
        expect(answer.recommendations[1]?.score).toBeCloseTo(1 / 13, 6);
        expect(answer.recommendations.map(({ support }) => support)).toEqual([2, 1, ...Array.from({ length: 20 })]);
        expect(items(answer).slice(2, 5)).toEqual([1, 2, 3]);
        expect(of(answer, "trending")).toEqual([39, 38, 37]);
        expect(items(yield* together(0, { k: 39, minScore: 0.1 })).slice(0, 2)).toEqual([30, 1]);
      }),
    ),
  );
});

describe("what trends", () => {
  it.effect("is the best of what the filter lets through, and fades by the half-life that is asked for", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        // As much in the day since the batch as it counted: item 3 alone.
        shop.trends.set(0, { next: 1n, asOf: day, total: 50, scores: new Map([[3, 50]]) });
        const own = yield* trending({});
        expect(own).toMatchObject({ half_life_seconds: day, model_half_life_seconds: day });
        expect(items(own)).toEqual([3, 39, 38, 37, 36]);
        // Half of the batch's 100 is left, beside the 50 of since; 3 of 1000 were item 3.
        expect(own.recommendations[0]?.score).toBeCloseTo((0.003 * 50 + 50) / 100, 5);
        expect(own.recommendations[1]?.score).toBeCloseTo((0.039 * 50) / 100, 5);
        const short = yield* trending({ halfLife: { seconds: day / 2, text: "12h" } });
        expect(short).toMatchObject({ half_life_seconds: day / 2, model_half_life_seconds: day });
        expect(short.recommendations[0]?.score).toBeCloseTo((0.003 * 25 + 75) / 100, 5);
        const long = yield* trending({ halfLife: { seconds: 2 * day, text: "2d" } });
        expect(long).toMatchObject({ half_life_seconds: 2 * day, model_half_life_seconds: day });
        const [since, before] = [100 * (1 - Math.SQRT1_2), 100 * Math.SQRT1_2];
        expect(long.recommendations[0]?.item_idx).toBe(3);
        expect(long.recommendations[0]?.score).toBeCloseTo((0.003 * before + since) / (before + since), 5);
        const shoes = yield* trending({ productGroup: "Shoes", k: 3 });
        expect(items(shoes)).toEqual([3, 39, 36]);
        expect(items(yield* trending({ excludeIds: [itemId(3), itemId(39)], k: 2 }))).toEqual([38, 37]);
        yield* TestClock.adjust("2 seconds");
        expect(items(yield* trending({ halfLife: { seconds: day / 2, text: "12h" } }))).toEqual(items(short));
      }),
    ),
  );

  for (const place of ["beside the users' states", "in the tables alone"])
    it.effect(`is told by any half-life where the batch and the stream added up what happened by many, ${place}`, () =>
      inShop((shop) =>
        Effect.gen(function* () {
          // Item i of the batch had its one event i hours before the newest.
          const ladder = new Float64Array(itemCount * rungs);
          for (let item = 0; item < itemCount; item++) addToRungs(ladder, item * rungs, 1, -item * 3_600);
          const none = {
            halfLifeSeconds: day,
            shares: new Float64Array(itemCount),
            popularityTotal: 0,
            popularityAsOf: 0,
          };
          if (place === "in the tables alone") yield* writePopularity("a", { ...none, ladder });
          else shop.control.itemTrends = itemTrendsOf(Float32Array.from(ladder));
          shop.trends.set(0, advanceTrend(undefined, [{ itemIdx: 7, weight: 1, time: 3_600 }], 1n, day));
          const hour = yield* trending({ halfLife: { seconds: 3_600, text: "1h" }, k: 4 });
          expect(hour).toMatchObject({ half_life_seconds: 3_600, model_half_life_seconds: day });
          expect(items(hour)).toEqual([7, 0, 1, 2]);
          const sum = (halfLife: number) =>
            1 + Array.from({ length: itemCount }, (_, i) => 2 ** (-(i + 1) / halfLife)).reduce((all, one) => all + one);
          expect(hour.recommendations.map(({ score }) => score)).toEqual(
            [1 + 2 ** -8, 1 / 2, 1 / 4, 1 / 8].map((score) => expect.closeTo(score / sum(1), 5)),
          );
          const year = yield* trending({ halfLife: { seconds: 365 * day, text: "365d" }, k: 2 });
          expect(items(year)).toEqual([7, 0]);
          expect(year.recommendations[0]?.score).toBeCloseTo(2 / (itemCount + 1), 3);
          expect(
            items(yield* trending({ halfLife: { seconds: 3_600, text: "1h" }, productGroup: "Shoes", k: 2 })),
          ).toEqual([0, 3]);
          yield* TestClock.adjust("2 seconds");
          shop.trends.set(1, { next: 1n, asOf: day, total: 50, scores: new Map([[3, 50]]) });
          expect(yield* Effect.flip(trending({ halfLife: { seconds: 3_600, text: "1h" } }))).toMatchObject({
            _tag: "InvalidInput",
          });
        }),
      ),
    );

  it.effect("cannot be told by a half-life far from the model's own where sums by that one are all that is kept", () =>
    inShop(() =>
      Effect.gen(function* () {
        for (const [seconds, text] of [
          [11 * 3_600, "11h"],
          [49 * 3_600, "49h"],
          [30 * day, "30d"],
        ] as const) {
          const error = yield* Effect.flip(trending({ halfLife: { seconds, text } }));
          expect(error).toMatchObject({
            _tag: "InvalidInput",
            message: expect.stringContaining(`a half-life of ${text} yet: `),
            errors: [
              {
                field: "half_life",
                value: text,
                detail: expect.stringMatching(
                  /^send hours from 12h to 48h, or leave it out; of the next batch.s model /,
                ),
              },
            ],
          });
        }
      }),
    ),
  );

  it("has bounds in whole hours, as far as the parameter goes", () => {
    expect(boundsOf(25 * 3_600)).toEqual({ from: 13, to: 50 });
    expect(boundsOf(200 * day)).toEqual({ from: 2_400, to: 8_760 });
    expect(boundsOf(731 * day)).toBeUndefined();
  });
});

describe("what was shown to the user", () => {
  it.effect("sinks within its source, in every list, as far as is asked for", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        const now = 1_000_000;
        yield* TestClock.setTime(1000 * now);
        shop.control.followed = [
          packed([
            { item: 30, before: [0] },
            { item: 20, before: [0] },
            { item: 30, before: [0] },
            { item: 30, before: [0] },
          ]),
        ];
        const shown = [1, 30, 39, 39].reduce((all, item, id) => withShown(all, item, now, id), nothingShown);
        shop.users.set("a/u1", { ...emptyUserState, shown, bought: Uint32Array.of(2) });
        const asked = { user: "u1", k: 3 };
        const sinking = { ...asked, rotation: 1 };
        expect(items(yield* similar(0, asked))).toEqual([1, 3, 4]);
        // Half of the cosine of 1 is left: that of item 12 is less.
        expect(of(yield* similar(0, { ...sinking, k: 14 }), "similar").indexOf(1)).toBe(9);
        expect(items(yield* together(0, asked)).slice(0, 2)).toEqual([30, 20]);
        // 3 of 14 for item 30, of which half is left; 1 of 14.
        expect(items(yield* together(0, sinking)).slice(0, 2)).toEqual([30, 20]);
        const [sunk] = (yield* together(0, sinking)).recommendations;
        expect(sunk?.score).toBeCloseTo(1.5 / 14, 6);
        expect(sunk?.support).toBe(3);
        expect(items(yield* trending(asked))).toEqual([39, 38, 37]);
        expect(items(yield* trending(sinking))).toEqual([38, 37, 36]);
        expect(items(yield* trending({ ...sinking, seen: "shown", k: 40 }))).not.toContain(39);
        expect(items(yield* trending({ ...sinking, user: null }))).toEqual([39, 38, 37]);
        expect(items(yield* similar(0, { ...sinking, minScore: 0.9, k: 40 }))).toEqual([3, 4, 5]);
      }),
    ),
  );
});
