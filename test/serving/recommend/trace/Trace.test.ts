/** A trace tells of the very list that is answered, of each item how it came there or why it did not, and of all of it consistently. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Either, Layer, Logger, Schema, Stream } from "effect";
import fc from "fast-check";
import { LiveCatalogue } from "../../../../src/catalogue/LiveCatalogue.ts";
import { itemSetOf } from "../../../../src/domain/ItemSet.ts";
import { nothingShown, withShown } from "../../../../src/domain/ShownItems.ts";
import { emptyUserState } from "../../../../src/domain/UserState.ts";
import { programs } from "../../../../src/http/Server.ts";
import type { ItemChange } from "../../../../src/ports/Catalogue.ts";
import type { ModelItems } from "../../../../src/ports/ItemIndex.ts";
import { noFilters, type RecommendQuery } from "../../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../../src/serving/recommend/Recommend.ts";
import { Trace } from "../../../../src/serving/recommend/trace/Trace.ts";
import { Traced } from "../../../../src/serving/recommend/trace/Traced.ts";
import { outcomes } from "../../../../src/serving/recommend/trace/Ways.ts";
import { ServingModel } from "../../../../src/serving/ServingModel.ts";
import { settings } from "../../../http/Served.ts";
import { makeShop, type Shop, vectorOf } from "../../Shop.ts";

const items = 60;
const idOf = (item: number): string => String(100_000_000 + item).padStart(10, "0");

/** Item a is followed by a + 1 … a + 5; names repeat, so that there are variants; two items are new. */
const shaped = (catalogue: ModelItems): ModelItems => ({
  ...catalogue,
  metadata: catalogue.metadata.map((own, row) => ({ ...own, prod_name: `name ${row % 24}` })),
  isNew: Uint8Array.from({ length: items }, (_, row) => (row > 57 ? 1 : 0)),
  followers: {
    pointers: Uint32Array.from({ length: items + 1 }, (_, row) => 5 * row),
    items: Uint32Array.from({ length: 5 * items }, (_, at) => (Math.floor(at / 5) + (at % 5) + 1) % items),
    counts: Float64Array.from({ length: 5 * items }, (_, at) => 1e6 * (5 - (at % 5)) * (1 + (at % 7))),
    totals: new Float64Array(items).fill(90e6),
  },
  popularity: Float32Array.from({ length: items }, (_, row) => (1 + (row % 11)) / 360),
});

const far = "2999-01-01T00:00:00Z";
const changes: ReadonlyArray<ItemChange> = [
  { itemId: idOf(4), kind: "replace", fields: { title: "name 4", available: false } },
  { itemId: idOf(6), kind: "replace", fields: { title: "name 6", valid_from: far } },
  { itemId: idOf(8), kind: "replace", fields: { title: "name 8" } },
  { itemId: idOf(8), kind: "remove" },
  { itemId: idOf(9), kind: "replace", fields: { title: "name 9", "attributes.product_type_name": "Hat" } },
];

const ann = {
  ...emptyUserState,
  vector: vectorOf(1),
  interactions: [1, 5, 14, 40].map((itemIdx) => ({ itemIdx, type: 0, time: 0 })),
  bought: itemSetOf([2, 15]),
  hidden: itemSetOf([3, 16]),
  shown: [7, 7, 17, 42].reduce((all, item, id) => withShown(all, item, 1e9, id), nothingShown),
};

const inShop = <A, E>(
  learner: string,
  use: (shop: Shop) => Effect.Effect<A, E, Recommend | Trace | ServingModel | LiveCatalogue>,
) =>
  Effect.gen(function* () {
    const shop = yield* makeShop(items);
    shop.addModel("a");
    shop.catalogues.set("a", shaped(shop.catalogues.get("a")!));
    yield* shop.catalogue.service.allot(Array.from({ length: items }, (_, item) => idOf(item)));
    shop.users.set("a/ann", ann);
    shop.control.counted = { popularityTotal: 100, popularityAsOf: 0 };
    shop.control.popular = { asOf: 0, windowDays: 30, items: [7, 4, 3].map((itemIdx) => ({ itemIdx, buyers: 9 })) };
    yield* shop.serve("a");
    return yield* Effect.gen(function* () {
      const { changes: models } = yield* ServingModel;
      yield* Stream.runDrain(Stream.takeUntil(models, (serving) => serving?.model === "a"));
      yield* (yield* LiveCatalogue).change(changes);
      return yield* use(shop);
    }).pipe(
      Effect.provide(
        programs.pipe(
          Layer.provide(shop.layer),
          Layer.provide([settings({ LEARNER: learner, EXPLORE_SHARE: "0.4" }), Logger.remove(Logger.defaultLogger)]),
        ),
      ),
    );
  });

const question = fc.record({
  user: fc.constantFrom("ann", "ann", "stranger", null),
  context: fc.constantFrom<RecommendQuery["context"]>(undefined, [{ item: idOf(21), type: "click" }]),
  k: fc.integer({ min: 1, max: 20 }),
  productGroup: fc.constantFrom(undefined, undefined, "Shoes"),
  filter: fc.constantFrom(undefined, undefined, 'NOT product_type_name = "Hat"'),
  excludeIds: fc.uniqueArray(fc.nat(items - 1).map(idOf), { maxLength: 4 }),
  explain: fc.constantFrom(undefined, 3),
  diversity: fc.constantFrom(undefined, 0.5),
  seen: fc.constantFrom<RecommendQuery["seen"]>(undefined, "bought", "seen", "shown", "none"),
  rotation: fc.constantFrom(undefined, 0.7),
  minScore: fc.constantFrom(undefined, undefined, 0.4),
  variants: fc.constantFrom(undefined, 1),
  seed: fc.nat(9),
});

const numbered = (places: ReadonlyArray<number | null>): ReadonlyArray<number> =>
  places.flatMap((place) => place ?? []).toSorted((a, b) => a - b);
const upTo = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i + 1);

const encode = Schema.encodeUnknownSync(Traced, { onExcessProperty: "error" });

describe("A trace", () => {
  for (const learner of ["blend", "ema"]) {
    it.live(`tells of the list that is answered, and of each item's way to it, with LEARNER=${learner}`, () =>
      inShop(learner, () =>
        Effect.gen(function* () {
          const { recommend } = yield* Recommend;
          const { trace } = yield* Trace;
          const runtime = yield* Effect.runtime();
          const came = new Set<string>();
          const check = (query: RecommendQuery) =>
            Effect.gen(function* () {
              const answer = yield* recommend(query);
              const traced = yield* trace(query);
              encode(traced);
              expect(traced.recommendations).toEqual(answer.recommendations);
              expect(traced.source).toBe(answer.source);
              const answered = traced.items.filter(({ outcome }) => outcome === "answered");
              expect(answered.map(({ item_idx, metadata, score }) => ({ item_idx, metadata, score }))).toEqual(
                answer.recommendations.map(({ item_idx, metadata, score }) => ({ item_idx, metadata, score })),
              );
              for (const { because, given, metadata, outcome, parts, places, score } of traced.items) {
                came.add(outcome);
                expect(given.length).toBeGreaterThan(0);
                expect(because.length > 0).toBe(outcome === "refused");
                expect(because).not.toContain("changed");
                expect(metadata).not.toBeNull();
                expect(places.answer !== null).toBe(outcome === "answered");
                if (outcome === "below_min_score") expect(score).toBeLessThan(query.minScore!);
                if (outcome === "held_back") expect(query.variants).toBe(1);
                if (parts === null) continue;
                expect(learner).toBe("blend");
                expect(Math.fround(parts.followers + parts.taste + parts.trending + parts.shown)).toBeCloseTo(
                  score!,
                  6,
                );
                if (query.rotation === undefined) expect(parts.shown).toBe(0);
              }
              const { items: told, stages } = traced;
              const at = (name: string) => stages.find(({ stage }) => stage === name)?.items ?? 0;
              for (const order of ["rotation", "order", "select"] as const) {
                expect(numbered(told.map(({ places }) => places[order]))).toEqual(upTo(at(order)));
              }
              // What was scored is more than the best of it, which come first.
              const own = told.filter(({ places }) => places.score !== null);
              expect(numbered(own.map(({ places }) => places.score))).toEqual(upTo(own.length));
              const enough = own.filter(({ places }) => places.rotation !== null);
              if (query.rotation === undefined) {
                expect(enough.every(({ places }) => places.rotation === places.score)).toBe(true);
              }
              for (const { answered, gave, refused, source } of traced.sources) {
                const from = told.flatMap(({ given, outcome }) =>
                  given.filter((one) => one.source === source).map(({ place }) => ({ place, outcome })),
                );
                expect(numbered(from.map(({ place }) => place))).toEqual(upTo(gave));
                expect(from.length).toBe(gave + refused);
                expect(from.filter(({ outcome }) => outcome === "answered").length).toBe(answered);
              }
              expect(traced.removed.reduce((sum, one) => sum + one.items, 0)).toBe(
                told.filter(({ outcome }) => outcome === "refused").length,
              );
              const last = ["score", "rotation", "order", "select", "explore", "words"];
              expect(stages.map(({ stage }) => stage).slice(-6)).toEqual(last);
              expect(stages.reduce((sum, { micros }) => sum + micros, 0)).toBeLessThanOrEqual(
                traced.micros + stages.length,
              );
            });
          yield* Effect.promise(() =>
            fc.assert(
              fc.asyncProperty(question, (given) =>
                Effect.runPromise(Effect.provide(check({ ...noFilters, ...given }), runtime)),
              ),
              { numRuns: 80 },
            ),
          );
          expect([...came].sort()).toEqual([...outcomes].sort());
        }),
      ),
    );
  }

  it.live("says of each item that is refused by what", () =>
    inShop("blend", () =>
      Effect.gen(function* () {
        const { trace } = yield* Trace;
        const asked = { ...noFilters, user: "ann", k: 20, excludeIds: [idOf(18)] };
        const because = (query: RecommendQuery) =>
          Effect.map(trace(query), ({ items }) =>
            Object.fromEntries(items.flatMap((one) => (one.because.length > 0 ? [[one.item_idx, one.because]] : []))),
          );
        expect(yield* because(asked)).toEqual({
          2: ["bought"],
          3: ["hidden"],
          4: ["unavailable"],
          6: ["not_valid"],
          8: ["removed"],
          15: ["bought"],
          16: ["hidden"],
          18: ["excluded"],
        });
        const all = yield* because({ ...asked, seen: "shown", filter: 'product_type_name = "Hat"' });
        expect(all).toMatchObject({
          1: ["seen", "filter"],
          2: ["bought", "filter"],
          7: ["shown"],
          42: ["shown", "filter"],
        });
        expect(all[5]).toEqual(["seen", "filter"]);
      }),
    ),
  );

  it.live("tells of no stages while no model serves, and of what is wrong with a question", () =>
    inShop("blend", (shop) =>
      Effect.gen(function* () {
        const { trace } = yield* Trace;
        const wrong = yield* Effect.either(trace({ ...noFilters, user: "ann", k: 3, filter: "nothing = 1" }));
        expect(Either.isLeft(wrong) && wrong.left._tag).toBe("InvalidInput");
        yield* shop.serve(undefined);
        const { changes: models } = yield* ServingModel;
        yield* Stream.runDrain(Stream.takeUntil(models, (serving) => serving === undefined));
        const none = yield* Effect.either(trace({ ...noFilters, user: "ann", k: 3 }));
        expect(Either.isLeft(none) && none.left).toMatchObject({
          _tag: "NotNow",
          message: expect.stringMatching(/no stages/),
        });
      }),
    ),
  );

  it.live("goes on while the index fails, and says what the whole catalogue comes to", () =>
    inShop("blend", (shop) =>
      Effect.gen(function* () {
        const { trace } = yield* Trace;
        const asked = { ...noFilters, user: "ann", k: 5 };
        const well = yield* trace(asked);
        expect(well.catalogue).toEqual({ items, for_sale: items - 3, matching: items - 3, left_out: 4 });
        expect(well.shopper).toEqual({ interactions: 4, bought: 2, hidden: 2, shown: 3, has_taste: true });
        shop.control.down.add("index");
        const ill = yield* trace(asked);
        expect(ill.recommendations.length).toBe(5);
        expect(ill.sources.map(({ source }) => source)).not.toContain("taste");
      }),
    ),
  );
});
