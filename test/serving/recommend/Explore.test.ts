/** New items in answers: how many places they get, whose they are, and that all else stays as it was promised. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Runtime, Stream } from "effect";
import * as fc from "fast-check";
import { itemSetOf } from "../../../src/domain/ItemSet.ts";
import { emptyUserState, type Interaction } from "../../../src/domain/UserState.ts";
import { programs } from "../../../src/http/Server.ts";
import { hashText, makeRandom } from "../../../src/kernels/Random.ts";
import { makeNewItemDraw } from "../../../src/learning/NewItemDraw.ts";
import type { ModelItems } from "../../../src/ports/ItemIndex.ts";
import type { Candidate } from "../../../src/serving/recommend/Candidate.ts";
import { seedOf, withExplored } from "../../../src/serving/recommend/Explore.ts";
import { noFilters, type RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { packed } from "../../support/FollowerEvents.ts";
import { said } from "../Said.ts";
import { groups, makeShop, rank, type Shop } from "../Shop.ts";

const itemCount = 200;
const firstNew = 150;

const recommend = (query: Partial<RecommendQuery>) =>
  Effect.flatMap(Recommend, (service) => service.recommend({ ...noFilters, user: "u1", k: 10, ...query }));

const click = (itemIdx: number): Interaction => ({ itemIdx, type: 0, time: 0 });

/** Runs `use` over a shop whose items from `firstNew` on are new. */
const inShop = <A, E>(
  share: number,
  use: (shop: Shop, catalogue: ModelItems) => Effect.Effect<A, E, Recommend | ServingModel>,
) =>
  Effect.gen(function* () {
    const shop = yield* makeShop(itemCount);
    shop.addModel("a");
    const catalogue: ModelItems = {
      ...shop.catalogues.get("a")!,
      isNew: Uint8Array.from({ length: itemCount }, (_, row) => (row >= firstNew ? 1 : 0)),
    };
    shop.catalogues.set("a", catalogue);
    yield* shop.serve("a");
    const serves = Effect.flatMap(ServingModel, ({ changes }) =>
      Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === "a")),
    );
    const over = settings({ LEARNER: "blend", EXPLORE_SHARE: String(share) });
    return yield* Effect.zipRight(serves, use(shop, catalogue)).pipe(
      Effect.provide(programs.pipe(Layer.provide(shop.layer), Layer.provide(over))),
    );
  });

const candidateOf = (itemIdx: number, source: Candidate["source"]): Candidate => ({
  itemIdx,
  row: itemIdx,
  source,
  score: 1,
});

describe("withExplored", () => {
  it("keeps length, first place and order of the others, and gives no more places than there are to give", () => {
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.nat(10),
        fc.nat(),
        (k, share, most, seed) => {
          const list = Array.from({ length: k }, (_, i) => candidateOf(i, "personalized"));
          const run = () => {
            let left = most;
            return withExplored(list, share, makeRandom(seed, "test"), () =>
              left > 0 ? candidateOf(1000 + left--, "new") : undefined,
            );
          };
          const answer = run();
          expect(run()).toEqual(answer);
          expect(answer).toHaveLength(k);
          expect(answer[0]).toEqual(list[0]);
          const others = answer.filter(({ source }) => source !== "new");
          expect(others).toEqual(list.slice(0, others.length));
          expect(k - others.length).toBeLessThanOrEqual(most);
        },
      ),
    );
  });

  it("gives the share of all places, in the mean", () => {
    for (const [k, share] of [
      [10, 0.05],
      [2, 0.5],
      [50, 0.2],
    ] as const) {
      const list = Array.from({ length: k }, (_, i) => candidateOf(i, "personalized"));
      let given = 0;
      const rounds = 20_000;
      for (let seed = 0; seed < rounds; seed++) {
        withExplored(list, share, makeRandom(seed, "test"), () => {
          given++;
          return candidateOf(1000, "new");
        });
      }
      expect(given / rounds / k / share).toBeCloseTo(1, 1);
    }
  });
});

it("draws by the hash of a JSON text of who asks and what they did last", () => {
  const interactions = fc.array(
    fc.record({ itemIdx: fc.nat(), type: fc.nat(3), time: fc.double({ noNaN: true, min: 0, max: 2e9 }) }),
  );
  fc.assert(
    fc.property(fc.string(), fc.option(fc.string({ unit: "grapheme" })), interactions, (model, user, done) => {
      const items = user === null ? done.map(({ itemIdx }) => itemIdx) : [done.at(-1)?.itemIdx];
      const text = JSON.stringify([model, user, done.length, done.at(-1)?.time, items]);
      expect(seedOf(model, user, done)).toBe(hashText(text));
    }),
  );
});

describe("New items", () => {
  it.live("are drawn the more often the nearer they are, and all of them at some time", () =>
    Effect.gen(function* () {
      const shop = yield* makeShop(itemCount);
      shop.addModel("a");
      const items = makeNewItemDraw(shop.catalogues.get("a")!.vectors, rank);
      const rows = Uint32Array.from({ length: 60 }, (_, row) => row);
      const taste = Float32Array.from({ length: rank }, (_, f) => Math.cos(f));
      const near = [...rows].sort((a, b) => items.nearness(b, taste) - items.nearness(a, taste));
      const counts = new Map<number, number>();
      for (let seed = 0; seed < 20_000; seed++) {
        const row = items.draw(rows, taste, makeRandom(seed, "test"), (one) => one !== near[1])!;
        counts.set(row, (counts.get(row) ?? 0) + 1);
      }
      expect(counts.has(near[1]!)).toBe(false);
      // Of 60, six are drawn, and 59/60 of the draws are not of one.
      expect(counts.get(near[0]!)! / 20_000).toBeCloseTo(1 - (59 / 60) ** 6, 2);
      expect(counts.get(near[0]!)).toBeGreaterThan(counts.get(near[20]!)!);
      expect(counts.get(near[20]!)).toBeGreaterThan(counts.get(near[40]!)!);
      const half = near.slice(0, 30).filter((row) => counts.has(row));
      expect(half).toHaveLength(29);
    }),
  );
});

describe("An answer", () => {
  it.live("tries new items in its share of places, the same at every time of asking, others by another seed", () =>
    inShop(0.2, () =>
      Effect.gen(function* () {
        const visitors = Array.from({ length: 400 }, (_, n) => [{ item: n % firstNew }, { item: (7 * n) % firstNew }]);
        let places = 0;
        const tried = new Set<number>();
        for (const context of visitors) {
          const { recommendations } = yield* recommend({ user: null, context });
          expect(recommendations).toHaveLength(10);
          expect(recommendations[0]?.source).toBe("personalized");
          for (const { item_idx, source } of recommendations) {
            if (source !== "new") continue;
            places++;
            tried.add(item_idx);
            expect(item_idx).toBeGreaterThanOrEqual(firstNew);
          }
        }
        expect(places / visitors.length / 10).toBeGreaterThan(0.17);
        expect(places / visitors.length / 10).toBeLessThan(0.23);
        expect(tried.size).toBeGreaterThan(40);
        expect(said(yield* recommend({}))).toEqual(said(yield* recommend({})));
        const bySeed = yield* Effect.forEach([0, 1, 2, 3, 4, 2 ** 32 - 1], (seed) =>
          Effect.map(recommend({ seed }), said),
        );
        expect(new Set(bySeed.map((answer) => JSON.stringify(answer))).size).toBeGreaterThan(3);
        expect(said(yield* recommend({ seed: 3 }))).toEqual(bySeed[3]);
      }),
    ),
  );

  it.live("tries none where none are to be, and for nobody whose taste is unknown", () =>
    Effect.all([
      inShop(0, () =>
        Effect.gen(function* () {
          for (let seed = 0; seed < 20; seed++) {
            const { recommendations } = yield* recommend({ seed });
            expect(recommendations.filter(({ source }) => source === "new")).toEqual([]);
          }
        }),
      ),
      inShop(0.5, () =>
        Effect.gen(function* () {
          const { recommendations } = yield* recommend({ user: "nobody" });
          expect(recommendations.filter(({ source }) => source === "new")).toEqual([]);
          expect(recommendations).toHaveLength(10);
        }),
      ),
    ]),
  );

  it.live(
    "tries such new items alone as pass the request's filters and were not bought, with reasons that add up",
    () =>
      inShop(0.5, (shop, { metadata }) =>
        Effect.gen(function* () {
          const run = Runtime.runPromise(yield* Effect.runtime<Recommend>());
          const query = fc.record({
            seed: fc.nat(1000),
            productGroup: fc.constantFrom(undefined, ...groups),
            excludeIds: fc.subarray(metadata.slice(firstNew).map(({ article_id }) => article_id)),
          });
          const bought = fc.uniqueArray(fc.integer({ min: 0, max: itemCount - 1 }), { maxLength: 30 });
          let explored = 0;
          yield* Effect.promise(() =>
            fc.assert(
              fc.asyncProperty(query, bought, async (asked, had) => {
                const done = [3, 77, 160].map(click);
                shop.users.set("a/u1", { ...emptyUserState, interactions: done, bought: itemSetOf(had) });
                const { recommendations } = await run(recommend({ ...asked, explain: 10 }));
                expect(recommendations).toHaveLength(10);
                expect(new Set(recommendations.map(({ item_idx }) => item_idx)).size).toBe(10);
                for (const { item_idx, metadata: of, reasons, score, source } of recommendations) {
                  expect(had).not.toContain(item_idx);
                  expect(asked.excludeIds).not.toContain(of?.article_id);
                  if (asked.productGroup !== undefined) expect(of?.product_group_name).toBe(asked.productGroup);
                  if (source !== "new") continue;
                  explored++;
                  const parts = reasons!.because.flatMap(({ followers, taste }) => [followers, taste]);
                  expect(Math.fround(parts.reduce((all, part) => all + part, reasons!.trending))).toBe(score);
                }
              }),
              { numRuns: 100 },
            ),
          );
          expect(explored).toBeGreaterThan(200);
        }),
      ),
  );

  it.live("has a new item that was clicked after what a shopper looked at, once, by what followed", () =>
    inShop(0.5, (shop) =>
      Effect.gen(function* () {
        const fresh = itemCount - 1;
        shop.users.set("a/u1", { ...emptyUserState, interactions: [click(3)] });
        shop.control.followed = [packed(Array.from({ length: 8 }, () => ({ item: fresh, before: [3] })))];
        for (let seed = 0; seed < 50; seed++) {
          const { recommendations } = yield* recommend({ seed });
          const own = recommendations.filter(({ item_idx }) => item_idx === fresh);
          expect(own.map(({ source }) => source)).toEqual(["personalized"]);
        }
        // What was clicked tells of a taste, though nobody bought it yet.
        shop.control.followed = [];
        shop.users.set("a/u2", { ...emptyUserState, interactions: [click(fresh)] });
        expect((yield* recommend({ user: "u2" })).source).toBe("personalized");
      }),
    ),
  );
});
