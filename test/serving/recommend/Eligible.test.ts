import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Logger, Runtime, Stream } from "effect";
import fc from "fast-check";
import { noFollowers } from "../../../src/domain/Followers.ts";
import { emptyUserState } from "../../../src/domain/UserState.ts";
import { programs } from "../../../src/http/Server.ts";
import type { Candidate, ModelItems } from "../../../src/ports/ItemIndex.ts";
import type { Recommendation } from "../../../src/serving/recommend/Answer.ts";
import type { RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { makeShop, rank, type Shop, vectorOf } from "../Shop.ts";

const learners = ["ema", "blend"] as const;

const quiet = (LEARNER: (typeof learners)[number]) =>
  Layer.mergeAll(settings({ LEARNER, EXPLORE_SHARE: "0.5" }), Logger.remove(Logger.defaultLogger));

const most = 24;
const groups = ["Shoes", "Socks", "Hats"];
const types = ["Boots", "Mules", ""];

const item = fc.record({
  group: fc.constantFrom(...groups),
  type: fc.constantFrom(...types),
  available: fc.boolean(),
  buyers: fc.nat(3),
  popularity: fc.nat(3),
  trained: fc.boolean(),
  /** Placed by what it is. */
  fresh: fc.boolean(),
});
type Item = typeof item extends fc.Arbitrary<infer A> ? A : never;

const idOf = (itemIdx: number): string => `item ${itemIdx}`;
const indices = (maxLength: number) => fc.uniqueArray(fc.nat(most + 2), { maxLength });

/** Item indices are twice the row, so that neither stands for the other. */
const catalogueOf = (items: ReadonlyArray<Item>): ModelItems => ({
  rank,
  itemIdx: Uint32Array.from(items, (_, row) => 2 * row),
  vectors: Float32Array.from({ length: items.length * rank }, (_, i) =>
    items[Math.floor(i / rank)].trained ? Math.sin(i) : 0,
  ),
  metadata: items.map(({ group, type }, row) => ({
    article_id: idOf(2 * row),
    prod_name: "",
    product_type_name: type,
    product_group_name: group,
    graphical_appearance_name: "",
    index_group_name: "",
  })),
  available: Uint8Array.from(items, ({ available }) => (available ? 1 : 0)),
  isNew: Uint8Array.from(items, ({ available, fresh, trained }) => (available && trained && fresh ? 1 : 0)),
  buyers: Uint32Array.from(items, ({ buyers }) => buyers),
  followers: noFollowers(items.length),
  popularity: Float32Array.from(items, ({ popularity }) => popularity),
  rowOf: (id) => {
    const row = items.findIndex((_, row) => idOf(2 * row) === id);
    return row < 0 ? undefined : row;
  },
  rowOfIdx: (itemIdx) => (itemIdx % 2 === 0 && itemIdx / 2 < items.length ? itemIdx / 2 : undefined),
});

const candidate = fc.record({ itemIdx: fc.nat(2 * most + 2), score: fc.double({ noNaN: true }) });

const script = fc.record({
  items: fc.array(item, { maxLength: most }),
  /** `lies`: the index answers whatever it likes. */
  path: fc.constantFrom("vector", "cold", "stranger", "index away", "states away", "popular away", "index lies"),
  lies: fc.array(candidate, { maxLength: 60 }),
  popular: indices(most).map((all) => all.map((row) => 2 * row)),
  trend: indices(most).map((all) => all.map((row) => 2 * row)),
  /** What was looked at, by the blend. */
  looked: indices(most).map((all) => all.map((row) => 2 * row)),
  bought: indices(most).map((all) => Uint32Array.from(all, (row) => 2 * row).sort()),
  seen: fc.constantFrom(undefined, "bought" as const, "none" as const),
  k: fc.integer({ min: 1, max: 50 }),
  productGroup: fc.option(fc.constantFrom(...groups, "none such"), { nil: undefined }),
  productType: fc.option(fc.constantFrom(...types, "none such"), { nil: undefined }),
  excludeIds: indices(8).map((all) => all.map((row) => (row % 3 === 0 ? String(2 * row) : idOf(2 * row)))),
  excludeGroups: fc.subarray(groups, { maxLength: 2 }),
  excludeTypes: fc.subarray(types, { maxLength: 2 }),
});
type Script = typeof script extends fc.Arbitrary<infer A> ? A : never;

/** The indices that may be in the answer, from the words of the promise. */
const eligibleIn = (given: Script): ReadonlyArray<number> =>
  given.items.flatMap(({ available, group, type }, row) => {
    const itemIdx = 2 * row;
    const known = given.path !== "stranger" && given.path !== "states away";
    const ok =
      available &&
      (given.productGroup === undefined || given.productGroup === group) &&
      (given.productType === undefined || given.productType === type) &&
      !given.excludeGroups.includes(group) &&
      !given.excludeTypes.includes(type) &&
      !given.excludeIds.includes(idOf(itemIdx)) &&
      !given.excludeIds.includes(String(itemIdx)) &&
      !(known && given.seen !== "none" && given.bought.includes(itemIdx));
    return ok ? [itemIdx] : [];
  });

let models = 0;

/** Makes the shop what the script says, under a model of its own, and asks. */
const ask = (shop: Shop, given: Script) =>
  Effect.gen(function* () {
    const { bought, items, lies, looked, path, popular, trend, ...query } = given;
    const model = `m${++models}`;
    shop.catalogues.set(model, catalogueOf(items));
    const state = { ...emptyUserState, bought };
    const interactions = looked.map((itemIdx) => ({ itemIdx, type: 0, time: 0 }));
    if (path !== "stranger") {
      shop.users.set(`${model}/ann`, path === "cold" ? state : { ...state, vector: vectorOf(1), interactions });
    }
    shop.control.popular = { asOf: 0, windowDays: 30, items: popular.map((itemIdx) => ({ itemIdx, buyers: 9 })) };
    shop.trends.set(1, { next: 1n, asOf: 0, total: 300, scores: new Map(trend.map((itemIdx, i) => [itemIdx, i])) });
    shop.control.found = path === "index lies" ? (lies satisfies ReadonlyArray<Candidate>) : undefined;
    shop.control.down.clear();
    if (path === "index away") shop.control.down.add("index");
    if (path === "states away") shop.control.down.add("users");
    if (path === "popular away") shop.control.down.add("popular").add("log");
    yield* shop.serve(model);
    const { changes } = yield* ServingModel;
    yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === model));
    const { recommend } = yield* Recommend;
    return yield* recommend({ user: "ann", ...query } satisfies RecommendQuery);
  });

const sources: ReadonlyArray<Recommendation["source"]> = ["personalized", "trending", "catalogue"];

/** The order within the part that came from the catalogue: the most popular first, ties by buyers, then by index. */
const expectInOrder = (items: ReadonlyArray<Recommendation>, { items: all }: Script): void => {
  for (let i = 1; i < items.length; i++) {
    const [one, next] = [items[i - 1], items[i]];
    const more = all[one.item_idx / 2].buyers - all[next.item_idx / 2].buyers;
    expect(one.score - next.score || more || next.item_idx - one.item_idx).toBeGreaterThan(0);
  }
};

describe("An answer", () => {
  for (const learner of learners)
    it.live(
      `holds k items while k are eligible, none twice and none that is not, whatever fails or lies, by ${learner}`,
      () =>
        Effect.gen(function* () {
          const shop = yield* makeShop();
          const runtime = yield* Layer.toRuntime(
            programs.pipe(Layer.provide(shop.layer), Layer.provide(quiet(learner))),
          );
          const property = fc.asyncProperty(script, async (given) => {
            const { recommendations, source } = await Runtime.runPromise(runtime)(ask(shop, given));
            const eligible = eligibleIn(given);
            const found = recommendations.map(({ item_idx }) => item_idx);
            expect(new Set(found).size).toBe(found.length);
            expect(found.filter((itemIdx) => !eligible.includes(itemIdx))).toEqual([]);
            expect(found).toHaveLength(Math.min(given.k, eligible.length));
            for (const { item_idx, metadata } of recommendations) expect(metadata?.article_id).toBe(idOf(item_idx));

            const explored = recommendations.filter((one) => one.source === "new");
            for (const { item_idx } of explored) {
              expect(given.items[item_idx / 2]).toMatchObject({ trained: true, fresh: true });
            }
            if (["cold", "stranger", "states away"].includes(given.path)) expect(explored).toEqual([]);
            expect(recommendations[0]?.source).not.toBe("new");
            const others = recommendations.filter((one) => one.source !== "new");
            const ranks = others.map((one) => sources.indexOf(one.source));
            expect(ranks).toEqual(ranks.toSorted());
            expect(source).toBe(ranks[0] === 0 ? "personalized" : "trending_now");
            const rest = recommendations.filter((one) => one.source === "catalogue");
            expectInOrder(rest, given);
            for (const { item_idx, score } of rest) expect(score).toBe(given.items[item_idx / 2].popularity);

            // Taste comes first where it is known, and is left out where it is not.
            if (learner === "blend") {
              const knows = given.looked.some((itemIdx) => itemIdx / 2 < given.items.length);
              if (!knows || ["cold", "stranger", "states away"].includes(given.path)) expect(ranks).not.toContain(0);
            } else if (given.path === "vector") {
              const taste = eligible.filter((itemIdx) => {
                const { fresh, trained } = given.items[itemIdx / 2];
                return trained && !fresh;
              });
              expect(ranks.filter((one) => one === 0)).toHaveLength(Math.min(others.length, taste.length));
            } else if (given.path !== "index lies" && given.path !== "popular away") {
              expect(ranks).not.toContain(0);
            }
          });
          yield* Effect.promise(() => fc.assert(property, { numRuns: 200 }));
        }).pipe(Effect.scoped),
      120_000,
    );
});
