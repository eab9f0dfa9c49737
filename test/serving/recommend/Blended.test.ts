/** What is answered with LEARNER=blend: the formula's best, each with reasons that add up, through the same gate as all else. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Runtime, Stream } from "effect";
import * as fc from "fast-check";
import { defaultEventTypes } from "../../../src/domain/EventTypes.ts";
import { itemSetOf } from "../../../src/domain/ItemSet.ts";
import { defaultLearning } from "../../../src/domain/Learning.ts";
import { emptyUserState, type Interaction } from "../../../src/domain/UserState.ts";
import { programs } from "../../../src/http/Server.ts";
import type { ModelItems } from "../../../src/ports/ItemIndex.ts";
import type { Answer } from "../../../src/serving/recommend/Answer.ts";
import { noFilters, type RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { said } from "../Said.ts";
import { makeShop, rank, type Shop, vectorOf } from "../Shop.ts";

/** Fewer than the index is asked for, so that each is a candidate. */
const itemCount = 40;

/** Item a is followed by a + 1 … a + 5, the nearer the more often. */
const withFollowers = (catalogue: ModelItems): ModelItems => {
  const each = 5;
  const followers = {
    pointers: Uint32Array.from({ length: itemCount + 1 }, (_, row) => each * row),
    items: Uint32Array.from(
      { length: each * itemCount },
      (_, at) => (Math.floor(at / each) + (at % each) + 1) % itemCount,
    ),
    counts: Float64Array.from({ length: each * itemCount }, (_, at) => 1e6 * (each - (at % each)) * (1 + (at % 7))),
    totals: new Float64Array(itemCount).fill(90e6),
  };
  const sums = Float32Array.from({ length: itemCount }, (_, row) => (1 + (row % 11)) / 240);
  return { ...catalogue, followers, popularity: sums };
};

/** The formula, item by item. */
const naiveScore = (catalogue: ModelItems, interactions: ReadonlyArray<Interaction>, item: number): number => {
  const { followers, popularity, vectors } = catalogue;
  const unit = (row: number): ReadonlyArray<number> => {
    const own = [...vectors.subarray(row * rank, (row + 1) * rank)];
    const length = Math.hypot(...own);
    return own.map((value) => value / length);
  };
  const newest = interactions.slice(-20).toReversed();
  let score = 0;
  newest.forEach(({ itemIdx, type }, age) => {
    const weight = defaultEventTypes.weights[type] * 0.8 ** age;
    const [from, to] = [followers.pointers[itemIdx], followers.pointers[itemIdx + 1]];
    const at = [...followers.items.subarray(from, to)].indexOf(item);
    const follows = at < 0 ? 0 : Math.sqrt(followers.counts[from + at] / (10e6 + followers.totals[itemIdx]));
    const [other, own] = [unit(itemIdx), unit(item)];
    const cosine = own.reduce((sum, value, f) => sum + value * other[f], 0);
    score += weight * (follows + 0.2 * cosine + 0.3 * Math.sqrt(popularity[item]));
  });
  return score;
};

const recommend = (query: Partial<RecommendQuery>) =>
  Effect.flatMap(Recommend, (service) => service.recommend({ ...noFilters, user: "u1", k: 10, ...query }));

/** Runs `use` over a shop whose model "a" serves. */
const inShop = <A, E>(use: (shop: Shop, catalogue: ModelItems) => Effect.Effect<A, E, Recommend | ServingModel>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop(itemCount);
    shop.addModel("a");
    const catalogue = withFollowers(shop.catalogues.get("a")!);
    shop.catalogues.set("a", catalogue);
    yield* shop.serve("a");
    const serves = Effect.flatMap(ServingModel, ({ changes }) =>
      Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === "a")),
    );
    return yield* Effect.zipRight(serves, use(shop, catalogue)).pipe(
      Effect.provide(programs.pipe(Layer.provide(shop.layer), Layer.provide(settings({ LEARNER: "blend" })))),
    );
  });

const purchase = defaultEventTypes.codeOf("purchase");

const items = ({ recommendations }: Answer): ReadonlyArray<number> => recommendations.map(({ item_idx }) => item_idx);

const history = fc.array(
  fc.record({ itemIdx: fc.nat(itemCount - 1), type: fc.nat(defaultEventTypes.names.length - 1), time: fc.constant(0) }),
  { minLength: 1, maxLength: 30 },
);

/** Of all items that may be answered, the best by the formula. */
const bestOf = (catalogue: ModelItems, done: ReadonlyArray<Interaction>, left: ReadonlySet<number>) =>
  Array.from({ length: itemCount }, (_, item) => item)
    .filter((item) => !left.has(item))
    .map((item) => naiveScore(catalogue, done, item))
    .sort((a, b) => b - a);

const contextOf = (done: ReadonlyArray<Interaction>): RecommendQuery["context"] =>
  done.map(({ itemIdx, type }) => ({ item: itemIdx, type: defaultEventTypes.names[type] }));

describe("Recommend, where no learner is given", () => {
  it.live("ranks as the model that serves was made, also after a roll-back", () =>
    Effect.gen(function* () {
      const shop = yield* makeShop(itemCount);
      for (const [id, learner] of [
        ["a", "blend"],
        ["b", "ema"],
      ] as const) {
        shop.addModel(id);
        shop.catalogues.set(id, withFollowers(shop.catalogues.get(id)!));
        shop.control.learning.set(id, { ...defaultLearning, learner });
        const done = [{ itemIdx: 3, type: purchase, time: 0 }];
        shop.users.set(`${id}/u1`, { ...emptyUserState, vector: vectorOf(1), interactions: done });
      }
      const blends = (id: string) =>
        Effect.gen(function* () {
          const { changes } = yield* ServingModel;
          yield* shop.serve(id);
          yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === id));
          const { recommendations } = yield* recommend({ explain: 1 });
          return recommendations[0]?.reasons !== undefined;
        });
      yield* Effect.gen(function* () {
        const seen = yield* Effect.forEach(["a", "b", "a"], blends);
        expect(seen).toEqual([true, false, true]);
      }).pipe(Effect.provide(programs.pipe(Layer.provide(shop.layer), Layer.provide(settings({})))));
    }),
  );
});

describe("Recommend, with the blend", () => {
  it.live("answers the formula's best, without what was bought, to a known shopper and to a visitor alike", () =>
    inShop((shop, catalogue) =>
      Effect.gen(function* () {
        const run = Runtime.runPromise(yield* Effect.runtime<Recommend>());
        const bought = fc.uniqueArray(fc.nat(itemCount - 1), { maxLength: 10 });
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(history, bought, async (done, had) => {
              shop.users.set("a/u1", { ...emptyUserState, interactions: done, bought: itemSetOf(had) });
              const known = await run(recommend({}));
              const best = bestOf(catalogue, done, new Set(had));
              expect(known.recommendations.length).toBe(10);
              known.recommendations.forEach(({ item_idx, score, source }, place) => {
                expect(had).not.toContain(item_idx);
                expect(source).toBe("personalized");
                expect(score).toBeCloseTo(best[place], 5);
                expect(score).toBeCloseTo(naiveScore(catalogue, done, item_idx), 5);
              });
              const visit = await run(recommend({ user: null, context: contextOf(done) }));
              const own = new Set(done.filter(({ type }) => type === purchase).map(({ itemIdx }) => itemIdx));
              expect(visit.user).toBe(null);
              expect(visit.recommendations.map(({ score }) => score)).toEqual(
                bestOf(catalogue, done, own)
                  .slice(0, 10)
                  .map((score) => expect.closeTo(score, 5)),
              );
            }),
            { numRuns: 150 },
          ),
        );
      }),
    ),
  );

  it.live("says of as many items as were asked for why they are there, in parts that add up to the score", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        const run = Runtime.runPromise(yield* Effect.runtime<Recommend>());
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(history, fc.integer({ min: 0, max: 10 }), async (done, explain) => {
              shop.users.set("a/u1", { ...emptyUserState, interactions: done });
              const { recommendations } = await run(recommend({ explain }));
              recommendations.forEach(({ reasons, score }, place) => {
                expect(reasons !== undefined).toBe(place < explain);
                if (reasons === undefined) return;
                const parts = reasons.because.flatMap(({ followers, taste }) => [followers, taste]);
                const sum = parts.reduce((all, part) => all + part, reasons.trending);
                expect(Math.fround(sum)).toBe(score);
                expect(reasons.because.length).toBe(new Set(done.slice(-20).map(({ itemIdx }) => itemIdx)).size);
              });
            }),
            { numRuns: 100 },
          ),
        );
      }),
    ),
  );

  it.live("goes on without the index, and answers whoever did nothing that it knows from what sells", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        shop.control.popular = { asOf: 0, windowDays: 30, items: [{ itemIdx: 7, buyers: 9 }] };
        shop.control.down.add("index");
        const first = yield* recommend({ user: null, context: [{ item: 3 }], k: 5 });
        expect(items(first).slice(0, 5).toSorted()).toEqual(expect.arrayContaining([4, 5, 6]));
        expect(first.source).toBe("personalized");
        shop.control.down.clear();
        const unknown = yield* recommend({ user: null, context: [{ item: "no such item" }] });
        expect(unknown).toMatchObject({ source: "trending_now", user: null });
        expect(items(unknown)[0]).toBe(7);
        expect(said(yield* recommend({ user: null, context: [] }))).toEqual(said(unknown));
      }),
    ),
  );
});
