/** Items that are put up while a model serves: in answers at once, by their attributes and by what happens with them. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Logger, Stream } from "effect";
import { LiveCatalogue } from "../../src/catalogue/LiveCatalogue.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { programs } from "../../src/http/Server.ts";
import type { ItemChange } from "../../src/ports/Catalogue.ts";
import { noFilters, type RecommendQuery } from "../../src/serving/recommend/Query.ts";
import { Recommend } from "../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../src/serving/ServingModel.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";
import { settings } from "../http/Served.ts";
import { packed } from "../support/FollowerEvents.ts";
import { makeShop, rank, type Shop } from "./Shop.ts";

const items = 60;
/** The index that a new item is given. */
const fresh = items;

const put = (itemId: string, group = "Shoes"): ItemChange => ({
  itemId,
  kind: "replace",
  fields: { title: `title of ${itemId}`, "attributes.product_group_name": group, "attributes.size": 42 },
});

const vitals = makeVitals();

const recommend = (query: Partial<RecommendQuery>) =>
  Effect.flatMap(Recommend, (service) => service.recommend({ ...noFilters, user: "u1", k: 10, ...query }));

const change = (...changes: ReadonlyArray<ItemChange>) => Effect.flatMap(LiveCatalogue, (live) => live.change(changes));

/** A shop whose model learnt where shoes lie, and whose catalogue has its items. */
const inShop = <A, E>(
  use: (shop: Shop) => Effect.Effect<A, E, Recommend | ServingModel | LiveCatalogue>,
  over: Record<string, string> = {},
  before: (shop: Shop) => Effect.Effect<unknown, unknown> = () => Effect.void,
) =>
  Effect.gen(function* () {
    const shop = yield* makeShop(items);
    shop.addModel("a");
    const own = shop.catalogues.get("a")!;
    const weights = Float32Array.from({ length: 2 * rank }, (_, i) => Math.cos(3 * i));
    shop.catalogues.set("a", { ...own, attributes: { features: ["", "product_group_name=Shoes"], weights } });
    yield* shop.catalogue.service.allot(own.metadata.map(({ article_id }) => article_id));
    shop.users.set("a/u1", { ...emptyUserState, interactions: [{ itemIdx: 3, type: 0, time: 0 }] });
    shop.control.followed = [packed(Array.from({ length: 8 }, () => ({ item: fresh, before: [3] })))];
    yield* Effect.orDie(before(shop));
    yield* shop.serve("a");
    const serves = Effect.flatMap(ServingModel, ({ changes }) =>
      Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === "a")),
    );
    return yield* Effect.zipRight(serves, use(shop)).pipe(
      Effect.provide(
        programs.pipe(
          Layer.provide(shop.layer),
          Layer.provide([
            settings({ LEARNER: "blend", EXPLORE_SHARE: "0", ...over }),
            Logger.remove(Logger.defaultLogger),
          ]),
          Layer.provide(Layer.succeed(Vitals, vitals)),
        ),
      ),
    );
  });

const own = Effect.map(recommend({ explain: 10 }), ({ recommendations }) =>
  recommendations.find(({ item_idx }) => item_idx === fresh),
);

describe("A new item", () => {
  it.live(
    "is ranked by who follows whom and by its attributes, as if it had been there when the model was loaded",
    () =>
      Effect.gen(function* () {
        const at = (before: boolean) =>
          inShop(
            () => Effect.zipRight(before ? Effect.void : change(put("fresh")), own),
            {},
            (shop) => (before ? shop.catalogue.service.change([put("fresh")]) : Effect.void),
          );
        const [early, late] = [yield* at(true), yield* at(false)];
        expect(late).toEqual(early);
        expect(late).toMatchObject({
          source: "personalized",
          metadata: {
            item_id: "fresh",
            article_id: "fresh",
            prod_name: "title of fresh",
            product_group_name: "Shoes",
            product_type_name: "",
          },
        });
        const [because] = late?.reasons?.because ?? [];
        expect(because?.followers).toBeGreaterThan(0);
        expect(because?.taste).not.toBe(0);
      }),
  );

  it.live("lies elsewhere once its attributes are others, and is gone once it is", () =>
    inShop(() =>
      Effect.gen(function* () {
        yield* change(put("fresh"));
        const before = yield* own;
        yield* change(put("fresh", "Socks"));
        const after = yield* own;
        expect(after?.metadata?.product_group_name).toBe("Socks");
        expect(after?.reasons?.because[0]?.taste).not.toBeCloseTo(before?.reasons?.because[0]?.taste ?? 0, 6);
        yield* change({ itemId: "fresh", kind: "remove" });
        expect(yield* own).toBeUndefined();
        yield* change(put("fresh"));
        expect(yield* own).toEqual(before);
      }),
    ),
  );

  it.live("trends from the first event on, and is explored, counted by its age", () =>
    inShop(
      (shop) =>
        Effect.gen(function* () {
          shop.control.followed = [];
          yield* change(put("fresh"));
          shop.trends.set(1, { next: 1n, asOf: 0, total: 9, scores: new Map([[fresh, 9]]) });
          const { recommendations } = yield* recommend({ user: "a stranger", k: 1 });
          expect(recommendations).toMatchObject([{ item_idx: fresh, source: "trending" }]);
          shop.trends.clear();
          const sources = new Set<string>();
          for (let seed = 0; seed < 20; seed++) {
            const answer = yield* recommend({ seed, productGroup: "Shoes", excludeIds: [] });
            for (const one of answer.recommendations) if (one.item_idx === fresh) sources.add(one.source);
          }
          expect(sources).toContain("new");
          expect(vitals.measured.counted.explored.get("hour")).toBeGreaterThan(0);
        }),
      { EXPLORE_SHARE: "0.5", LEARNER: "blend" },
    ),
  );

  it.live("finds room, however many came before", () =>
    inShop(() =>
      Effect.gen(function* () {
        const many = 3000;
        for (let from = 0; from < many; from += 500) {
          yield* change(...Array.from({ length: 500 }, (_, i) => put(`new ${from + i}`, "Later")));
        }
        const filter = `title = "title of new ${many - 1}"`;
        const found = yield* Effect.repeat(recommend({ filter, k: 1 }), {
          until: ({ recommendations }) => recommendations.length > 0,
        });
        expect(found.recommendations[0]?.metadata?.item_id).toBe(`new ${many - 1}`);
        expect((yield* recommend({ productGroup: "Later", k: 50 })).recommendations).toHaveLength(50);
        expect((yield* recommend({ filter: 'title = "title of new 0"', k: 2 })).recommendations).toHaveLength(1);
      }),
    ),
  );
});
