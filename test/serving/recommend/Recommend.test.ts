import { describe, expect, it } from "@effect/vitest";
import { Deferred, Effect, Fiber, Layer, Stream, TestClock } from "effect";
import { defaultEventTypes } from "../../../src/domain/EventTypes.ts";
import { itemSetOf } from "../../../src/domain/ItemSet.ts";
import { emptyUserState } from "../../../src/domain/UserState.ts";
import { programs } from "../../../src/http/Server.ts";
import { nearest } from "../../../src/learning/Stages.ts";
import type { Answer } from "../../../src/serving/recommend/Answer.ts";
import type { RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { said } from "../Said.ts";
import { makeShop, type Shop, vectorOf } from "../Shop.ts";

const asks = (user: string, over: Partial<RecommendQuery> = {}): RecommendQuery => ({
  user,
  k: 10,
  excludeIds: [],
  excludeGroups: [],
  excludeTypes: [],
  ...over,
});

const until = (model: string | undefined) =>
  Effect.flatMap(ServingModel, ({ changes }) =>
    Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === model)),
  );

const recommend = (query: RecommendQuery) => Effect.flatMap(Recommend, (service) => service.recommend(query));

const items = ({ recommendations }: Answer) => recommendations.map(({ item_idx }) => item_idx);

/** Runs `use` over a shop whose model "a" serves. */
const inShop = <A, E>(use: (shop: Shop) => Effect.Effect<A, E, Recommend | ServingModel>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    shop.addModel("a");
    shop.addModel("b");
    yield* shop.serve("a");
    return yield* Effect.zipRight(until("a"), use(shop)).pipe(
      Effect.provide(
        programs.pipe(Layer.provide(shop.layer), Layer.provide(settings({ LEARNER: "ema", WAIT_AFTER: "200 millis" }))),
      ),
    );
  });

const popular = { asOf: 0, windowDays: 30, items: [7, 3, 5, 1, 9].map((itemIdx, n) => ({ itemIdx, buyers: 50 - n })) };

describe("Recommend", () => {
  it.effect("finds a user by the shop's id first, then by index", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        const byId = yield* recommend(asks("u3"));
        const byIndex = yield* recommend(asks("3"));
        expect(byId).toMatchObject({ user: "u3", source: "personalized", model: "a" });
        expect(said(byIndex)).toEqual(said(byId));
        expect(byId.recommendations.map(({ score }) => score)).toEqual(
          byId.recommendations.map(({ score }) => score).toSorted((a, b) => b - a),
        );
        // A shop whose own ids are numbers: "3" now names another user than index 3.
        shop.users.set("a/3", { ...emptyUserState, vector: vectorOf(99) });
        const own = yield* recommend(asks("3"));
        expect(own.user).toBe("3");
        expect(items(own)).not.toEqual(items(byIndex));
      }),
    ),
  );

  it.effect("takes a number for an index only where the batch found no id that is one", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        shop.control.popular = popular;
        const byIndex = yield* recommend(asks("3"));
        expect(byIndex.user).toBe("u3");
        for (const spelt of ["03", "+3", "3.0", "4294967299"]) {
          expect(yield* recommend(asks(spelt))).toMatchObject({ user: spelt, source: "trending_now" });
        }
        expect(items(yield* recommend(asks("u3", { excludeIds: ["7"], k: 50 })))).not.toContain(7);
        // Ids of version 0.1.0 were not looked at: they may be numbers.
        for (const numericIds of [{ numericUserIds: true, numericItemIds: true }, {}]) {
          shop.control.numericIds = numericIds;
          yield* shop.serve("b");
          yield* until("b");
          yield* shop.serve("a");
          yield* until("a");
          expect(said(yield* recommend(asks("u3")))).toEqual(said(byIndex));
          expect(yield* recommend(asks("3"))).toMatchObject({ user: "3", source: "trending_now" });
          expect(items(yield* recommend(asks("3")))).toContain(7);
          expect(items(yield* recommend(asks("3", { excludeIds: ["7"] })))).toContain(7);
          expect(items(yield* recommend(asks("3", { excludeIds: ["0100000007"] })))).not.toContain(7);
        }
      }),
    ),
  );

  it.effect("knows what was bought before the catalogue is loaded", () =>
    Effect.gen(function* () {
      const shop = yield* makeShop();
      shop.addModel("a");
      shop.catalogues.delete("a");
      shop.control.popular = popular;
      shop.users.set("a/u1", { ...emptyUserState, bought: Uint32Array.of(3, 7) });
      yield* shop.serve("a");
      yield* Effect.gen(function* () {
        yield* TestClock.adjust("10 millis");
        const answer = yield* recommend(asks("u1"));
        expect(answer).toMatchObject({ source: "trending_now", model: null });
        expect(items(answer)).toEqual([5, 1, 9]);
        expect(items(yield* recommend(asks("u1", { seen: "none", k: 2 })))).toEqual([7, 3]);
        shop.addModel("a");
        yield* TestClock.adjust("10 seconds");
        expect((yield* recommend(asks("u1"))).model).toBe("a");
      }).pipe(Effect.provide(programs.pipe(Layer.provide(shop.layer), Layer.provide(settings()))));
    }),
  );

  it.effect("leaves out what was bought and, whatever is asked for, what is hidden, and only that", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        const before = items(yield* recommend(asks("u1", { k: 50 })));
        const act = (itemIdx: number, type: string) => ({ itemIdx, type: defaultEventTypes.codeOf(type), time: 1 });
        // A history forgets in time what was bought.
        const known = {
          ...emptyUserState,
          interactions: [act(before[1], "click")],
          bought: itemSetOf([before[0], before[2]]),
        };
        shop.users.set("a/u1", { ...known, vector: vectorOf(1) });
        const after = items(yield* recommend(asks("u1", { k: 48 })));
        expect(after).toEqual(before.filter((item) => item !== before[0] && item !== before[2]));
        shop.control.popular = { ...popular, items: before.map((itemIdx) => ({ itemIdx, buyers: 1 })) };
        shop.users.set("a/u1", known);
        yield* TestClock.adjust("1001 millis");
        const cold = yield* recommend(asks("u1", { k: 50 }));
        expect(cold.source).toBe("trending_now");
        const trending = cold.recommendations.filter(({ source }) => source === "trending");
        expect(new Set(trending.map(({ item_idx }) => item_idx))).toEqual(new Set(after));
        expect(items(cold)).not.toContain(before[0]);
        const all = items(yield* recommend(asks("u1", { k: 50, seen: "none" })));
        expect(all).toContain(before[0]);
        shop.users.set("a/u1", { ...known, hidden: itemSetOf([before[0], before[5]]) });
        for (const seen of ["none", "bought"] as const) {
          const rest = items(yield* recommend(asks("u1", { k: 50, seen })));
          expect(rest).not.toContain(before[0]);
          expect(rest).not.toContain(before[5]);
        }
      }),
    ),
  );

  it.effect("honours every filter, personalized and trending alike", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        shop.control.popular = {
          ...popular,
          items: Array.from({ length: 50 }, (_, itemIdx) => ({ itemIdx, buyers: 9 })),
        };
        for (const user of ["u1", "nobody"]) {
          const answer = yield* recommend(
            asks(user, {
              k: 50,
              productGroup: "Shoes",
              excludeTypes: ["Hat"],
              excludeIds: ["0100000000", "12", "no such item"],
            }),
          );
          expect(answer.recommendations.length).toBeGreaterThan(5);
          for (const { item_idx, metadata } of answer.recommendations) {
            expect(metadata).toMatchObject({ product_group_name: "Shoes" });
            expect(metadata?.product_type_name).not.toBe("Hat");
            expect([0, 12]).not.toContain(item_idx);
          }
          const scarves = yield* recommend(
            asks(user, { productType: "Scarf", excludeGroups: ["Shoes", "Accessories"] }),
          );
          expect(new Set(scarves.recommendations.map(({ metadata }) => metadata?.product_type_name))).toEqual(
            new Set(["Scarf"]),
          );
          expect(new Set(scarves.recommendations.map(({ metadata }) => metadata?.product_group_name))).toEqual(
            new Set(["Garment Upper body"]),
          );
          expect(items(yield* recommend(asks(user, { productGroup: "Nothing such" })))).toEqual([]);
        }
      }),
    ),
  );

  it.effect("falls back to trending items for the unknown, and while a store fails", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        shop.control.popular = popular;
        shop.trends.set(2, { next: 9n, asOf: 0, total: 100, scores: new Map([[42, 100]]) });
        const trending = [42, 7, 3, 5, 1, 9, 0, 2, 4, 6];
        expect(yield* recommend(asks("nobody"))).toMatchObject({ user: "nobody", source: "trending_now", model: "a" });
        expect(items(yield* recommend(asks("nobody")))).toEqual(trending);
        for (const store of ["users", "index"] as const) {
          shop.control.down.add(store);
          const answer = yield* recommend(asks("u1", { k: 3 }));
          expect(answer).toMatchObject({ source: "trending_now", model: "a" });
          expect(items(answer)).toEqual(trending.slice(0, 3));
          shop.control.down.delete(store);
          expect((yield* recommend(asks("u1"))).source).toBe("personalized");
        }
      }),
    ),
  );

  it.effect("renews what is trending once a second, and keeps it while the store fails", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        const first = (yield* Effect.zipRight(
          Effect.sync(() => (shop.control.popular = popular)),
          recommend(asks("nobody", { k: 1 })),
        )) satisfies Answer;
        expect(items(first)).toEqual([7]);
        shop.control.popular = { ...popular, items: [{ itemIdx: 8, buyers: 1 }] };
        expect(items(yield* recommend(asks("nobody", { k: 1 })))).toEqual([7]);
        yield* TestClock.adjust("1001 millis");
        expect(items(yield* recommend(asks("nobody", { k: 1 })))).toEqual([8]);
        shop.trends.set(2, { next: 9n, asOf: 0, total: 100, scores: new Map([[42, 100]]) });
        yield* TestClock.adjust("1001 millis");
        expect(items(yield* recommend(asks("nobody", { k: 2 })))).toEqual([42, 8]);
        shop.control.down.add("popular").add("users");
        yield* TestClock.adjust("1001 millis");
        expect(items(yield* recommend(asks("nobody", { k: 2 })))).toEqual([42, 8]);
      }),
    ),
  );

  it.effect("has nothing to say without a model and without best sellers", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        yield* shop.serve(undefined);
        yield* until(undefined);
        expect(yield* Effect.flip(recommend(asks("u1")))).toMatchObject({ _tag: "NotNow" });
        shop.control.popular = popular;
        yield* TestClock.adjust("1001 millis");
        const answer = yield* recommend(asks("u1"));
        expect(answer).toMatchObject({ source: "trending_now", model: null });
        expect(answer.recommendations[0]).toMatchObject({ item_idx: 7, source: "trending", metadata: null });
        // Without a catalogue nobody can tell what passes.
        for (const filter of [{ excludeIds: ["7"] }, { productGroup: "Shoes" }, { excludeTypes: ["Hat"] }]) {
          expect(yield* Effect.flip(recommend(asks("u1", filter)))).toMatchObject({ _tag: "NotNow" });
        }
      }),
    ),
  );

  it.effect("waits for the events of a token, in every partition", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        const after = [
          { partition: 0, offset: 4n },
          { partition: 3, offset: 0n },
        ];
        shop.ends.splice(0, 4, 5n, 0n, 0n, 1n);
        shop.positions.set("a/0", 4n);
        shop.positions.set("b/0", 99n);
        const waiting = yield* Effect.fork(recommend(asks("u1", { after: { log: "shop", positions: after } })));
        yield* TestClock.adjust("30 millis");
        expect(yield* Fiber.poll(waiting)).toMatchObject({ _tag: "None" });
        shop.positions.set("a/0", 5n);
        yield* TestClock.adjust("30 millis");
        expect(yield* Fiber.poll(waiting)).toMatchObject({ _tag: "None" });
        shop.positions.set("a/3", 1n);
        shop.users.set("a/u1", { ...emptyUserState, vector: vectorOf(7) });
        yield* TestClock.adjust("30 millis");
        const learnt = yield* Fiber.join(waiting);
        const { caught_up, ...rest } = said(learnt);
        expect(caught_up).toBe(true);
        // It knows what was applied meanwhile.
        expect(rest).toEqual(said(yield* recommend(asks("u1"))));
      }),
    ),
  );

  it.effect("answers anyway when the time to wait is over, also while positions cannot be read", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        shop.ends[1] = 1n;
        for (const down of [false, true]) {
          if (down) shop.control.down.add("users");
          const waiting = yield* Effect.fork(
            recommend(asks("u1", { after: { log: "shop", positions: [{ partition: 1, offset: 0n }] } })),
          );
          yield* TestClock.adjust("190 millis");
          expect(yield* Fiber.poll(waiting)).toMatchObject({ _tag: "None" });
          shop.control.popular = popular;
          yield* TestClock.adjust("20 millis");
          expect(yield* Fiber.join(waiting)).toMatchObject({
            caught_up: false,
            source: down ? "trending_now" : "personalized",
          });
        }
      }),
    ),
  );

  it.effect("waits for no token of another log, nor for one of version 0.1", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        shop.positions.set("a/1", 1n);
        for (const log of ["another", ""]) {
          const after = { log, positions: [{ partition: 1, offset: 0n }] };
          const answered = yield* recommend(asks("u1", { after }));
          expect(answered).toMatchObject({ caught_up: false, source: "personalized" });
        }
      }),
    ),
  );

  it.effect("keeps the model it started with when another takes over meanwhile", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        const entered = yield* Deferred.make<void>();
        const go = yield* Deferred.make<void>();
        shop.control.beforeRead = Effect.zipRight(Deferred.succeed(entered, undefined), Deferred.await(go));
        const started = yield* Effect.fork(recommend(asks("u1")));
        yield* Deferred.await(entered);
        yield* shop.serve("b");
        yield* until("b");
        yield* Deferred.succeed(go, undefined);
        const old = yield* Fiber.join(started);
        const next = yield* recommend(asks("u1"));
        for (const answer of [old, next]) {
          expect(answer.recommendations.length).toBe(10);
          for (const { metadata } of answer.recommendations)
            expect(metadata?.prod_name).toContain(`${answer.model} item`);
        }
        expect([old.model, next.model]).toEqual(["a", "b"]);
      }),
    ),
  );

  it.effect("keeps serving the present model while the next one cannot be loaded", () =>
    inShop((shop) =>
      Effect.gen(function* () {
        yield* shop.serve("c");
        yield* TestClock.adjust("3 seconds");
        expect((yield* recommend(asks("u1"))).model).toBe("a");
        shop.addModel("c");
        yield* TestClock.adjust("10 seconds");
        expect((yield* recommend(asks("u1"))).model).toBe("c");
      }),
    ),
  );

  it("over-fetches as the reference does", () => {
    expect([1, 10, 20, 30, 100].map(nearest)).toEqual([2, 20, 40, 50, 120]);
  });
});
