/** Pages of a list: they repeat nothing, whatever happens in between, and hold all of it while nothing does. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Runtime, Stream } from "effect";
import fc from "fast-check";
import { LiveCatalogue } from "../../../src/catalogue/LiveCatalogue.ts";
import { itemSetOf } from "../../../src/domain/ItemSet.ts";
import { nothingShown, withShown } from "../../../src/domain/ShownItems.ts";
import { programs } from "../../../src/http/Server.ts";
import type { Answer } from "../../../src/serving/recommend/Answer.ts";
import {
  decodePage,
  encodePage,
  listOf,
  longestPage,
  mostPaged,
  nextPage,
} from "../../../src/serving/recommend/Page.ts";
import { noFilters, type RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { makeShop, type Shop, vectorOf } from "../Shop.ts";

/** So few that every source of the blend has them all. */
const itemCount = 45;

type Asked = Recommend | ServingModel | LiveCatalogue;

const until = (model: string | undefined) =>
  Effect.flatMap(ServingModel, ({ changes }) =>
    Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === model)),
  );

const inShop = <A, E>(LEARNER: string, use: (shop: Shop) => Effect.Effect<A, E, Asked>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop(itemCount);
    shop.addModel("a");
    shop.addModel("bb");
    for (const user of ["a/u1", "bb/u1"]) {
      const shown = [30, 31, 3].reduce((all, item, id) => withShown(all, item, Date.now() / 1000, id), nothingShown);
      shop.users.set(user, { ...shop.users.get(user)!, shown });
    }
    shop.control.popular = { asOf: 0, windowDays: 30, items: [7, 3, 5].map((itemIdx) => ({ itemIdx, buyers: 9 })) };
    yield* shop.serve("a");
    return yield* Effect.zipRight(until("a"), use(shop)).pipe(
      Effect.provide(programs.pipe(Layer.provide(shop.layer), Layer.provide(settings({ LEARNER })))),
    );
  });

const ask = (query: Partial<RecommendQuery>) =>
  Effect.flatMap(Recommend, ({ recommend }) => recommend({ ...noFilters, user: "u1", k: 10, ...query }));

const items = ({ recommendations }: Answer) => recommendations.map(({ item_idx }) => item_idx);

/** The query of the next page; undefined at the end. */
const next = (query: Partial<RecommendQuery>, { next_page }: Answer): Partial<RecommendQuery> | undefined =>
  next_page === null ? undefined : { ...query, page: decodePage(next_page) };

const queries = fc.record({
  user: fc.constantFrom("u1", "u3", "nobody", null),
  context: fc.constantFrom<RecommendQuery["context"]>(undefined, [{ item: 4, type: "purchase" }, { item: 9 }]),
  seen: fc.constantFrom<RecommendQuery["seen"]>(undefined, "seen", "none"),
  productType: fc.constantFrom(undefined, undefined, "Hat"),
  variants: fc.constantFrom(undefined, 1),
  rotation: fc.constantFrom(undefined, 1),
  minScore: fc.constantFrom(undefined, undefined, -1, 0, 0.01, 1, 2),
});

/** What happens between two pages. */
const happenings = fc.oneof(
  fc.record({ looks: fc.nat(itemCount - 1) }),
  fc.record({ buys: fc.nat(itemCount - 1) }),
  fc.record({ removes: fc.nat(itemCount - 1) }),
  fc.record({ serves: fc.constantFrom("a", "bb", undefined) }),
);
type Happening = typeof happenings extends fc.Arbitrary<infer A> ? A : never;

const happen = (shop: Shop, one: Happening) =>
  Effect.gen(function* () {
    if ("serves" in one) {
      yield* shop.serve(one.serves);
      yield* until(one.serves);
    } else if ("removes" in one) {
      const itemId = shop.catalogues.get("a")!.metadata[one.removes]!.article_id;
      yield* (yield* LiveCatalogue).change([{ itemId, kind: "remove" }]);
    } else {
      for (const [key, user] of [...shop.users]) {
        const itemIdx = "looks" in one ? one.looks : one.buys;
        shop.users.set(key, {
          ...user,
          vector: vectorOf(itemIdx),
          interactions: [...user.interactions, { itemIdx, type: "looks" in one ? 0 : 2, time: 1 }],
          bought: "buys" in one ? itemSetOf([...user.bought, itemIdx]) : user.bought,
        });
      }
    }
  });

describe("Pages", () => {
  it.live.each(["ema", "blend"])("are together the one long list while nothing changes, by %s", (learner) =>
    inShop(learner, () =>
      Effect.gen(function* () {
        const run = Runtime.runPromise(yield* Effect.runtime<Asked>());
        const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(queries, sizes, async (query, ks) => {
              const whole = await run(ask({ ...query, k: 100 }));
              const paged: Array<number> = [];
              let at: Partial<RecommendQuery> | undefined = query;
              for (let n = 0; at !== undefined; n++) {
                const k = ks[n % ks.length]!;
                const answer: Answer = await run(ask({ ...at, k }));
                // No page but an only one is empty.
                if (n > 0 || items(whole).length > 0) expect(items(answer).length).toBeGreaterThan(0);
                expect(answer.recommendations.every(({ score }) => score >= (query.minScore ?? score))).toBe(true);
                paged.push(...items(answer));
                at = next(query, answer);
                if (at !== undefined) expect(items(answer)).toHaveLength(k);
              }
              expect(paged).toEqual(items(whole));
            }),
            { numRuns: 60 },
          ),
        );
      }),
    ),
  );

  it.live.each(["ema", "blend"])("repeat nothing, whatever happens in between, by %s", (learner) =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.record({ user: fc.constantFrom("u1", "nobody", null), diversity: fc.constantFrom(undefined, 0.5) }),
          fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.array(happenings, { maxLength: 2 })), { maxLength: 8 }),
          (query, steps) =>
            Effect.runPromise(
              inShop(learner, (shop) =>
                Effect.gen(function* () {
                  const seen = new Set<number>();
                  let at: Partial<RecommendQuery> | undefined = query;
                  for (const [k, meanwhile] of steps) {
                    if (at === undefined) break;
                    const answer: Answer = yield* ask({ ...at, k });
                    for (const item of items(answer)) expect(seen.has(item)).toBe(false);
                    for (const item of items(answer)) seen.add(item);
                    at = next(query, answer);
                    for (const one of meanwhile) yield* happen(shop, one);
                  }
                }),
              ),
            ),
        ),
        { numRuns: 25 },
      ),
    ),
  );

  it.live("are of the list that they were given for", () =>
    inShop("ema", () =>
      Effect.gen(function* () {
        const first = yield* ask({ productType: ["Hat"], k: 2 });
        const page = decodePage(first.next_page!);
        const same = { productType: "Hat", k: 5, explain: 3, seed: 4, page };
        expect(items(yield* ask(same))).toHaveLength(5);
        for (const other of [
          { user: "u2" },
          { productType: "Scarf" },
          { seen: "none" },
          { minScore: 0 },
          { variants: 1 },
        ]) {
          const failed = yield* Effect.flip(ask({ ...same, ...(other as Partial<RecommendQuery>) }));
          expect(failed).toMatchObject({ _tag: "InvalidInput", errors: [{ field: "page" }] });
        }
      }),
    ),
  );

  it("are words that say what was put into them, and no others are", () => {
    const pages = fc.record({
      list: fc.nat(2 ** 32 - 1),
      given: fc.uniqueArray(fc.nat(2 ** 31 - 1), { maxLength: mostPaged - 1 }).map(itemSetOf),
    });
    fc.assert(
      fc.property(pages, (page) => {
        expect(decodePage(encodePage(page))).toEqual(page);
        expect(encodePage(page).length).toBeLessThanOrEqual(longestPage);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^AQ[\w-]{4,30}$/)), (text) => {
        const page = decodePage(text);
        if (page !== undefined) expect(encodePage(page)).toBe(text);
      }),
    );
  });

  it("are of the same list in all processes, whatever their version", () => {
    const query = { ...noFilters, k: 10 };
    expect(listOf({ ...query, user: "u1" })).toBe(238944906);
    expect(listOf({ ...query, user: null })).toBe(3115109856);
    expect(listOf({ ...query, user: "u1", seen: "bought", productGroup: [] })).toBe(238944906);
    expect(listOf({ ...query, user: 'a "b', seen: "shown" })).toBe(285824419);
  });

  it("end behind a thousand items", () => {
    const query = { ...noFilters, user: "u1", k: 10 };
    const given = itemSetOf(Array.from({ length: 990 }, (_, i) => 7 * i));
    const found = Array.from({ length: 10 }, (_, i) => ({ item_idx: 10_000 + i }));
    expect(nextPage(query, given, found, true)).toBe(null);
    expect(nextPage(query, given, found.slice(1), false)).toBe(null);
    expect(decodePage(nextPage(query, given, found.slice(1), true)!)).toEqual({
      list: listOf(query),
      given: itemSetOf([...given, ...found.slice(1).map(({ item_idx }) => item_idx)]),
    });
  });
});
