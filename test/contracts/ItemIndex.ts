/** What every ItemIndex promises. Each test has models of its own. */
import { expect, it } from "@effect/vitest";
import { Effect, Either, type Layer, Stream } from "effect";
import fc from "fast-check";
import { parseFilter } from "../../src/catalogue/filter/Filter.ts";
import { noFollowers } from "../../src/domain/Followers.ts";
import type { ItemMetadata } from "../../src/domain/Item.ts";
import type { Metric } from "../../src/domain/Model.ts";
import { allOf, anyOf, type Where } from "../../src/domain/Where.ts";
import { ItemIndex, type ItemVector, type Within } from "../../src/ports/ItemIndex.ts";
import { attributes, everyKind, filters, holds, seenIn, storedOf } from "../support/FilterExpressions.ts";
import { everything } from "../support/Within.ts";

let models = 0;
export const newModel = (): string => `contract-${process.pid}-${++models}-${Math.random().toString(36).slice(2)}`;

const groups = ["Shoes", "Garment, upper body", 'Socks & "Tights"', ""];
const types = ["Boots", "T-shirt", "Trousers", "Žemaitė", ""];

const metadataOf = (itemIdx: number): ItemMetadata => ({
  article_id: String(itemIdx + 1).padStart(10, "0"),
  prod_name: `Product ${itemIdx} “é”`,
  product_type_name: types[itemIdx % types.length]!,
  product_group_name: groups[itemIdx % groups.length]!,
  graphical_appearance_name: "Solid",
  index_group_name: itemIdx % 2 === 0 ? "Ladieswear" : "",
});

/** Whole numbers, so that scores are exact and ties are ties. */
const itemOf = (itemIdx: number, vector: ReadonlyArray<number>): ItemVector => ({
  itemIdx,
  metadata: metadataOf(itemIdx),
  available: true,
  buyers: itemIdx % 13,
  vector: Float32Array.from(vector),
});

const rank = 8;
/** Every tenth has a vector of zeros, every ninth is new, every eleventh is gone from the shop. */
const someItems = (count: number): ReadonlyArray<ItemVector> =>
  Array.from({ length: count }, (_, itemIdx) => ({
    ...itemOf(
      itemIdx,
      Array.from(
        { length: rank },
        (_, f) => (itemIdx % 10 === 7 ? 0 : ((itemIdx + 1) * (f + 3) * 31) % 7) - (itemIdx % 10 === 7 ? 0 : 3),
      ),
    ),
    available: itemIdx % 11 !== 5,
    isNew: itemIdx % 9 === 4,
  }));
const query = Float32Array.of(3, -1, 2, 0, 1, -2, 1, 1);

/** What is asked for: one of these names each, if any, none of those. */
interface Asked {
  readonly group?: string;
  readonly type?: string;
  readonly exclude?: ReadonlySet<number>;
  readonly noGroups?: ReadonlyArray<string>;
  readonly noTypes?: ReadonlyArray<string>;
}

const isText = (attribute: keyof ItemMetadata, value: string): Where => ({
  kind: "compare",
  attribute,
  type: "text",
  by: "=",
  value,
});

const noneOf = (attribute: keyof ItemMetadata, values: ReadonlyArray<string> = []): ReadonlyArray<Where> =>
  values.length === 0 ? [] : [{ kind: "not", of: anyOf(values.map((value) => isText(attribute, value))) }];

const whereOf = ({ group, noGroups, noTypes, type }: Asked): Where =>
  allOf([
    ...(group === undefined ? [] : [isText("product_group_name", group)]),
    ...(type === undefined ? [] : [isText("product_type_name", type)]),
    ...noneOf("product_group_name", noGroups),
    ...noneOf("product_type_name", noTypes),
  ]);

/** Whether an item is for sale and as it is asked for; `exclude` is not looked at. */
const passes = ({ available, metadata }: ItemVector, { group, noGroups, noTypes, type }: Asked): boolean =>
  available &&
  (group === undefined || metadata.product_group_name === group) &&
  (type === undefined || metadata.product_type_name === type) &&
  noGroups?.includes(metadata.product_group_name) !== true &&
  noTypes?.includes(metadata.product_type_name) !== true;

/** Of a model of these items. */
const within = (items: ReadonlyArray<ItemVector>, asked: Asked = {}): Within => ({
  rows: Uint8Array.from(
    [...new Map(items.map((item) => [item.itemIdx, item])).values()].sort((a, b) => a.itemIdx - b.itemIdx),
    (item) => (passes(item, asked) ? 1 : 0),
  ),
  where: whereOf(asked),
  exclude: asked.exclude ?? new Set(),
});

/** Every item that passes, by sorting all. */
const naive = (items: ReadonlyArray<ItemVector>, vector: Float32Array, k: number, asked: Asked = {}) =>
  items
    .filter((item) => item.isNew !== true && item.vector.some((value) => value !== 0))
    .filter((item) => passes(item, asked) && asked.exclude?.has(item.itemIdx) !== true)
    .map(({ itemIdx, vector: own }) => ({ itemIdx, score: own.reduce((sum, value, f) => sum + value * vector[f]!, 0) }))
    .sort((a, b) => b.score - a.score || a.itemIdx - b.itemIdx)
    .slice(0, k);

const load = (model: string, items: ReadonlyArray<ItemVector>, length = rank, metric?: Metric) =>
  Effect.flatMap(ItemIndex, (index) =>
    index.load(model, { rank: length, metric }, Stream.make(items.slice(0, 5), [], items.slice(5))),
  );

const someAsked: fc.Arbitrary<Asked> = fc.record(
  {
    group: fc.constantFrom(...groups, "shoes"),
    type: fc.constantFrom(...types, "Boot"),
    exclude: fc.array(fc.nat(80), { maxLength: 40 }).map((all) => new Set(all)),
    noGroups: fc.subarray([...groups, "unheard of"]),
    noTypes: fc.subarray([...types, "unheard of"]),
  },
  { requiredKeys: [] },
);

export const itemIndexContract = (name: string, layer: () => Layer.Layer<ItemIndex, unknown>): void => {
  // In real time: a server may have to be waited for.
  const options = { timeout: "60 seconds", excludeTestServices: true } as const;
  it.layer(layer() as Layer.Layer<ItemIndex>, options)(`${name}: ItemIndex`, (it) => {
    it.effect(
      "answers the best items under any filter, never one that is new, not available or whose vector is zero",
      () =>
        Effect.gen(function* () {
          const index = yield* ItemIndex;
          const model = newModel();
          const items = someItems(70);
          expect(yield* load(model, items)).toBe(70);
          const runtime = yield* Effect.runtime<never>();
          const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(Effect.provide(effect, runtime));
          const searchIn = yield* index.inMemory(model);
          yield* Effect.promise(() =>
            fc.assert(
              fc.asyncProperty(someAsked, fc.integer({ min: 0, max: 100 }), async (asked, k) => {
                const best = naive(items, query, k, asked);
                expect(await run(index.search(model, query, k, within(items, asked)))).toEqual(best);
                expect(searchIn?.(query, k, within(items, asked)) ?? best).toEqual(best);
              }),
              { numRuns: 100 },
            ),
          );
        }),
    );

    it.effect(
      "answers the best items under any condition on what the shop says of them, whether or not it was told yet",
      () =>
        Effect.gen(function* () {
          const index = yield* ItemIndex;
          const [told, untold] = [newModel(), newModel()];
          const items = someItems(90);
          yield* load(told, items);
          yield* load(untold, items);
          const described = [...everyKind, ...fc.sample(attributes, { numRuns: 100, seed: 12 })];
          yield* index.describe(told, described.map(storedOf));
          // Again, in other pieces: it changes nothing.
          yield* Effect.forEach([...described.entries()], ([itemIdx, item]) =>
            itemIdx % 7 === 0 ? index.describe(told, [storedOf(item, itemIdx)]) : Effect.void,
          );
          const seen = seenIn(everyKind);
          const runtime = yield* Effect.runtime<never>();
          const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(Effect.provide(effect, runtime));
          yield* Effect.promise(() =>
            fc.assert(
              fc.asyncProperty(filters, fc.integer({ min: 0, max: 100 }), async ({ expression, text }, k) => {
                const where = Either.getOrThrow(parseFilter(text, seen));
                const passing = items.filter(
                  ({ available, itemIdx }) => available && holds(expression, described[itemIdx]!),
                );
                const asked: Within = {
                  rows: Uint8Array.from(items, (item) => (passing.includes(item) ? 1 : 0)),
                  where,
                  exclude: new Set(),
                };
                for (const model of [told, untold]) {
                  expect(await run(index.search(model, query, k, asked))).toEqual(naive(passing, query, k));
                }
              }),
              { numRuns: 60 },
            ),
          );
        }),
    );

    it.effect("finds items wherever they come in the stream, and orders ties by index", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const model = newModel();
        const same = [9, 4, 300, 7, 0, 12].map((itemIdx) => itemOf(itemIdx, [1, 0, 0, 0, 0, 0, 0, 0]));
        yield* load(model, [...same, itemOf(5, [2, 0, 0, 0, 0, 0, 0, 0])]);
        const found = yield* index.search(model, Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0), 5, everything());
        expect(found.map(({ itemIdx }) => itemIdx)).toEqual([5, 0, 4, 7, 9]);
      }),
    );

    it.effect("orders by index a tie that goes on far beyond the answer, a query of zeros too", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const model = newModel();
        const items = Array.from({ length: 700 }, (_, i) => itemOf(699 - i, [i < 3 ? 2 : 1, 1, 0, 0, 0, 0, 0, 0]));
        yield* load(model, items);
        const along = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0);
        const asked = { exclude: new Set([0, 2, 698]), noGroups: ["Shoes"] };
        for (const vector of [along, new Float32Array(rank)]) {
          for (const k of [1, 2, 3, 5, 600]) {
            expect(yield* index.search(model, vector, k, within(items))).toEqual(naive(items, vector, k));
            const found = yield* index.search(model, vector, k, within(items, asked));
            expect(found).toEqual(naive(items, vector, k, asked));
          }
        }
      }),
    );

    it.effect("leaves out thousands of items, and those it has never heard of", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const model = newModel();
        const items = someItems(70);
        yield* load(model, items);
        const exclude = new Set(Array.from({ length: 5000 }, (_, i) => 2 * i));
        expect(yield* index.search(model, query, 50, within(items, { exclude }))).toEqual(
          naive(items, query, 50, { exclude }),
        );
        expect(
          yield* index.search(model, query, 50, within(items, { exclude: new Set(items.map((i) => i.itemIdx)) })),
        ).toEqual([]);
      }),
    );

    it.effect("takes an item that comes again as it came last", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const model = newModel();
        const last = itemOf(3, [9, 9, 9, 9, 9, 9, 9, 9]);
        const count = yield* load(model, [...someItems(40), itemOf(3, [5, 5, 5, 5, 5, 5, 5, 5]), last]);
        expect(count).toBe(40);
        expect(yield* index.search(model, query, 1, everything())).toEqual(naive([last], query, 1));
        const { itemIdx, rowOfIdx, vectors } = yield* index.items(model);
        expect(itemIdx).toHaveLength(40);
        const row = rowOfIdx(3)!;
        expect(vectors.slice(row * rank, (row + 1) * rank)).toEqual(last.vector);
      }),
    );

    it.effect("is told which model serves, and searches any", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const [model, beside] = [newModel(), newModel()];
        yield* load(model, someItems(10));
        yield* load(beside, someItems(20));
        for (const serving of [model, beside, model]) {
          yield* index.serve(serving);
          expect(yield* index.search(model, query, 20, within(someItems(10)))).toEqual(naive(someItems(10), query, 20));
          expect(yield* index.search(beside, query, 20, within(someItems(20)))).toEqual(
            naive(someItems(20), query, 20),
          );
        }
      }),
    );

    it.effect("gives back every item in the catalogue, those too that it never finds", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const model = newModel();
        const items = someItems(40).filter(({ itemIdx }) => itemIdx % 3 !== 1);
        yield* load(model, items);
        const catalogue = yield* index.items(model);
        expect(catalogue.rank).toBe(rank);
        expect(catalogue.itemIdx).toHaveLength(items.length);
        for (const { available, buyers, isNew, itemIdx, metadata, vector } of items) {
          const row = catalogue.rowOfIdx(itemIdx)!;
          expect(catalogue.itemIdx[row]).toBe(itemIdx);
          expect(catalogue.rowOf(metadata.article_id)).toBe(row);
          expect(catalogue.metadata[row]).toEqual(metadata);
          expect(catalogue.available[row]).toBe(available ? 1 : 0);
          expect(catalogue.isNew[row]).toBe(available && isNew === true ? 1 : 0);
          expect(catalogue.buyers[row]).toBe(buyers);
          expect(catalogue.vectors.slice(row * rank, (row + 1) * rank)).toEqual(vector);
        }
        expect(catalogue.rowOfIdx(1)).toBeUndefined();
        expect(catalogue.rowOfIdx(1000)).toBeUndefined();
        expect(catalogue.rowOf("1")).toBeUndefined();
      }),
    );

    it.effect("searches by direction under cosine, the query at its length, and keeps the vectors as they were", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const [model, beside] = [newModel(), newModel()];
        const items = someItems(70).map((item) => ({
          ...item,
          vector: item.vector.map((value) => value * 10 ** ((item.itemIdx % 5) - 2)),
        }));
        yield* load(model, items, rank, "cosine");
        yield* load(beside, items, rank, "dot");
        const units = items.map((item) => {
          const length = Math.hypot(...item.vector);
          return { ...item, vector: item.vector.map((value) => (length === 0 ? 0 : value / length)) };
        });
        for (const k of [1, 7, 70]) {
          const found = yield* index.search(model, query, k, within(items, { noGroups: ["Shoes"] }));
          const expected = naive(units, query, 70, { noGroups: ["Shoes"] });
          expect(found).toHaveLength(Math.min(k, expected.length));
          const scores = new Map(expected.map(({ itemIdx, score }) => [itemIdx, score]));
          found.forEach(({ itemIdx, score }, place) => {
            expect(score).toBeCloseTo(scores.get(itemIdx)!, 5);
            expect(score).toBeCloseTo(expected[place]!.score, 5);
          });
        }
        const { vectors } = yield* index.items(model);
        expect(vectors).toEqual((yield* index.items(beside)).vectors);
        expect(vectors.subarray(3 * rank, 4 * rank)).toEqual(items[3]!.vector);
        const [best] = yield* index.search(beside, query, 1, within(items));
        expect(best?.itemIdx).toBe(naive(items, query, 1)[0]?.itemIdx);
      }),
    );

    it.effect("gives back followers and popularity by row, to the bit; without any, the share of buyers", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const [model, without] = [newModel(), newModel()];
        const items = someItems(40).map((item) => ({
          ...item,
          popularity: Math.fround(1 / (item.itemIdx + 3)),
          ...(item.itemIdx % 4 === 1
            ? {}
            : {
                followers: {
                  items: Uint32Array.from({ length: (7 * item.itemIdx) % 101 }, (_, i) => 2 ** 31 - 1 - i),
                  counts: Float64Array.from({ length: (7 * item.itemIdx) % 101 }, (_, i) => 2 ** 52 + item.itemIdx - i),
                  total: 2 ** 53 - 1 - item.itemIdx,
                },
              }),
        }));
        yield* load(model, [...items.slice(1), items[0]!]);
        const { followers, popularity, rowOfIdx } = yield* index.items(model);
        expect(followers.pointers).toHaveLength(items.length + 1);
        for (const item of items) {
          const row = rowOfIdx(item.itemIdx)!;
          const [from, to] = [followers.pointers[row], followers.pointers[row + 1]];
          const own = "followers" in item ? item.followers : undefined;
          expect(followers.items.slice(from, to)).toEqual(own?.items ?? new Uint32Array(0));
          expect(followers.counts.slice(from, to)).toEqual(own?.counts ?? new Float64Array(0));
          expect(followers.totals[row]).toBe(own?.total ?? 0);
          expect(popularity[row]).toBe(item.popularity);
        }
        yield* load(without, someItems(14));
        const bare = yield* index.items(without);
        expect(bare.followers).toEqual(noFollowers(14));
        const all = bare.buyers.reduce((sum, count) => sum + count, 0);
        expect(bare.popularity).toEqual(Float32Array.from(bare.buyers, (count) => count / all));
        expect(all).toBeGreaterThan(0);
      }),
    );

    it.effect("gives back the attribute map as it was loaded, however large, and counts and finds items alone", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const [model, without] = [newModel(), newModel()];
        const items = someItems(20);
        const wide = 128;
        const grown = items.map((item) => ({ ...item, vector: Float32Array.from({ length: wide }, (_, f) => f - 60) }));
        const size = 1200;
        const attributes = {
          features: Array.from({ length: size }, (_, n) => (n === 0 ? "" : `kind=Žemaitė "${n}"`)),
          weights: Float32Array.from({ length: size * wide }, (_, n) => Math.fround(Math.sin(n) / 3)),
        };
        for (const metric of ["dot", "cosine"] as const) {
          const shape = { rank: wide, metric, attributes };
          expect(yield* index.load(model, shape, Stream.make(grown))).toBe(items.length);
          const kept = yield* index.items(model);
          expect(kept.attributes).toEqual(attributes);
          expect(kept.itemIdx).toHaveLength(items.length);
          const able = items.filter(({ available, isNew }) => available && isNew !== true);
          for (const vector of [new Float32Array(wide), Float32Array.from({ length: wide }, () => -1)]) {
            const found = yield* index.search(model, vector, 100, within(items));
            expect(found.map(({ itemIdx }) => itemIdx)).toEqual(able.map(({ itemIdx }) => itemIdx));
          }
        }
        yield* load(without, items);
        expect((yield* index.items(without)).attributes).toBeUndefined();
      }),
    );

    it.effect("keeps models apart, of any rank, and replaces what is loaded again", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const [small, large, other] = [newModel(), newModel(), newModel()];
        const wide = Array.from({ length: 24 }, (_, f) => (f === 23 ? 1 : 0));
        yield* load(small, someItems(30));
        yield* load(large, [itemOf(3, wide), itemOf(1, [...wide].reverse())], 24);
        yield* load(other, [itemOf(2, [1, 1, 1, 1, 1, 1, 1, 1])]);
        expect(yield* index.search(large, Float32Array.from(wide), 9, everything())).toEqual([
          { itemIdx: 3, score: 1 },
          { itemIdx: 1, score: 0 },
        ]);
        expect(yield* index.search(small, query, 100, within(someItems(30)))).toEqual(naive(someItems(30), query, 100));
        const again = someItems(60).slice(20);
        expect(yield* load(small, again)).toBe(40);
        expect(yield* index.search(small, query, 100, within(again))).toEqual(naive(again, query, 100));
        expect((yield* index.items(small)).itemIdx).toHaveLength(40);
        expect(yield* index.search(other, query, 5, everything())).toEqual([{ itemIdx: 2, score: 5 }]);
      }),
    );

    it.effect("leaves the model as it was when a load fails", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const model = newModel();
        const items = someItems(20);
        yield* load(model, items);
        const broken = Stream.concat(Stream.make(someItems(5)), Stream.fail("torn" as const));
        expect(yield* Effect.flip(index.load(model, { rank }, broken))).toBe("torn");
        const short = yield* Effect.flip(load(model, [itemOf(0, [1, 2, 3])]));
        expect(short).toMatchObject({ reason: "Corrupt" });
        expect(yield* index.search(model, query, 100, within(items))).toEqual(naive(items, query, 100));
      }),
    );

    it.effect("loads a model without items, and items without interactions", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const [empty, untrained] = [newModel(), newModel()];
        expect(yield* load(empty, [])).toBe(0);
        expect(yield* index.search(empty, query, 5, everything())).toEqual([]);
        yield* load(untrained, [itemOf(0, [0, 0, 0, 0, 0, 0, 0, 0])]);
        expect(yield* index.search(untrained, query, 5, everything())).toEqual([]);
        const gone = newModel();
        const unavailable = [{ ...itemOf(0, [9, 9, 9, 9, 9, 9, 9, 9]), available: false }];
        yield* load(gone, unavailable);
        for (const vector of [query, new Float32Array(rank)]) {
          expect(yield* index.search(gone, vector, 5, within(unavailable))).toEqual([]);
        }
      }),
    );

    it.effect("says so when a model is unknown, before a load and after a drop", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const [model, beside] = [newModel(), newModel()];
        const unknown = { _tag: "ItemIndexError", reason: "UnknownModel" };
        expect(yield* Effect.flip(index.search(model, query, 5, everything()))).toMatchObject(unknown);
        expect(yield* Effect.flip(index.items(model))).toMatchObject(unknown);
        yield* load(model, someItems(10));
        yield* load(beside, someItems(10));
        expect(yield* index.search(model, query, 5, everything())).toHaveLength(5);
        yield* index.drop(model);
        expect(yield* Effect.flip(index.search(model, query, 5, everything()))).toMatchObject(unknown);
        expect(yield* Effect.flip(index.items(model))).toMatchObject(unknown);
        expect(yield* index.search(beside, query, 5, everything())).toHaveLength(5);
        yield* index.drop(model);
      }),
    );

    it.effect("refuses a query of another model's rank", () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const model = newModel();
        yield* load(model, someItems(10));
        const refused = yield* Effect.flip(index.search(model, new Float32Array(16), 5, everything()));
        expect(refused).toMatchObject({ _tag: "ItemIndexError", reason: "Corrupt" });
      }),
    );
  });
};
