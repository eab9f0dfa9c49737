/** Which items may be answered, kept current: equal to looking at all of them anew, whatever changes and however time passes. */
import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { makeLiveItems } from "../../../src/catalogue/LiveItems.ts";
import { noFollowers } from "../../../src/domain/Followers.ts";
import { allOf, anyOf, type Where } from "../../../src/domain/Where.ts";
import { makeRandom } from "../../../src/kernels/Random.ts";
import type { ModelItems } from "../../../src/ports/ItemIndex.ts";
import { makePassing } from "../../../src/serving/recommend/Passing.ts";
import { makeServingItems } from "../../../src/serving/ServingItems.ts";

const groups = ["Shoes", "Socks"];
const most = 14;

const modelItem = fc.record({
  group: fc.constantFrom(...groups),
  available: fc.boolean(),
  isNew: fc.boolean(),
  buyers: fc.nat(2),
  popularity: fc.nat(2),
});

const said = fc.record({
  itemIdx: fc.nat(most + 6),
  removed: fc.boolean(),
  group: fc.constantFrom(...groups),
  available: fc.constantFrom(undefined, true, false),
  from: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  until: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
});
type Said = typeof said extends fc.Arbitrary<infer A> ? A : never;

const isGroup = (value: string): Where => ({
  kind: "compare",
  attribute: "product_group_name",
  type: "text",
  by: "=",
  value,
});
const conditions: ReadonlyArray<Where | undefined> = [
  undefined,
  isGroup("Shoes"),
  { kind: "not", of: isGroup("Shoes") },
  allOf([]),
  anyOf([isGroup("Shoes"), isGroup("Socks")]),
];

const script = fc.record({
  model: fc.array(modelItem, { maxLength: most }),
  before: fc.array(said, { maxLength: 8 }),
  steps: fc.array(fc.oneof(fc.record({ say: fc.array(said, { maxLength: 4 }) }), fc.record({ wait: fc.nat(6) })), {
    maxLength: 12,
  }),
});

const iso = (seconds: number): string => new Date(1000 * seconds).toISOString();

const modelOf = (items: (typeof script extends fc.Arbitrary<infer A> ? A : never)["model"]): ModelItems => ({
  rank: 1,
  itemIdx: Uint32Array.from(items, (_, row) => row),
  vectors: new Float32Array(items.length).fill(1),
  metadata: items.map(({ group }, row) => ({
    article_id: `item ${row}`,
    prod_name: "",
    product_type_name: "",
    product_group_name: group,
    graphical_appearance_name: "",
    index_group_name: "",
  })),
  available: Uint8Array.from(items, ({ available }) => (available ? 1 : 0)),
  isNew: Uint8Array.from(items, ({ available, isNew }) => (available && isNew ? 1 : 0)),
  buyers: Uint32Array.from(items, ({ buyers }) => buyers),
  followers: noFollowers(items.length),
  popularity: Float32Array.from(items, ({ popularity }) => popularity),
  rowOf: () => undefined,
  rowOfIdx: (itemIdx) => (itemIdx < items.length ? itemIdx : undefined),
});

describe("Passing", () => {
  it("equals looking at all items anew", () => {
    fc.assert(
      fc.property(script, ({ before, model, steps }) => {
        const live = makeLiveItems();
        const words = new Map<number, Said>();
        let now = 0;
        let number = 0;
        const say = (all: ReadonlyArray<Said>): void => {
          for (const one of all) words.set(one.itemIdx, one);
          const items = all.map(({ available, from, group, itemIdx, removed, until }) => ({
            itemId: `item ${itemIdx}`,
            itemIdx,
            number: ++number,
            record: {
              at: 1000 * now,
              removed,
              patches: {},
              fields: removed
                ? {}
                : {
                    "attributes.product_group_name": group,
                    ...(available === undefined ? {} : { available }),
                    ...(from === undefined ? {} : { valid_from: iso(from) }),
                    ...(until === undefined ? {} : { valid_until: iso(until) }),
                  },
            },
          }));
          live.take(items, 1000 * now);
        };
        say(before);
        const items = makeServingItems(modelOf(model), live, 0, () => expect.fail("it was not full"));
        const passing = makePassing(items, 0);

        const isOpen = (itemIdx: number): boolean => {
          const word = words.get(itemIdx);
          if (word === undefined) return model[itemIdx]?.available ?? false;
          const { available, from = 0, removed, until = 99 } = word;
          return !removed && available !== false && from <= now && now < until;
        };
        const groupOf = (itemIdx: number) => (words.get(itemIdx) ?? model[itemIdx])?.group;
        const isSo = (itemIdx: number, where: Where | undefined): boolean =>
          where === undefined ||
          where.kind === "and" ||
          where.kind === "or" ||
          (groupOf(itemIdx) === "Shoes") === (where.kind === "compare");

        const check = (): void => {
          for (const where of conditions) {
            const found = passing.of(where);
            const expected = Array.from({ length: most + 8 }, (_, itemIdx) => itemIdx).filter(
              (itemIdx) => isOpen(itemIdx) && isSo(itemIdx, where),
            );
            const rows = [...found.rows.keys()].filter((row) => found.rows[row] === 1);
            expect(rows.map((row) => items.itemIdx[row]).sort((a, b) => a - b)).toEqual(expected);
            expect(rows.every((row) => found.isNow(row, 1000 * now))).toBe(true);
            const known = expected.filter((itemIdx) => itemIdx < model.length);
            const ordered = [...found.inOrder()].map((row) => items.itemIdx[row]);
            expect(ordered.slice(0, known.length)).toEqual(
              known.sort(
                (a, b) => model[b].popularity - model[a].popularity || model[b].buyers - model[a].buyers || a - b,
              ),
            );
            expect(new Set(ordered)).toEqual(new Set(expected));
            expect([...found.fresh()].map((row) => items.itemIdx[row]).sort((a, b) => a - b)).toEqual(
              expected.filter((itemIdx) => {
                const own = model[itemIdx];
                return own === undefined || (own.available && own.isNew);
              }),
            );
          }
        };
        check();
        for (const step of steps) {
          if ("say" in step) say(step.say);
          else {
            now += step.wait;
            live.advance(1000 * now);
          }
          check();
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is all that are so of a large shop, by conditions that keep none, few and all of it, while it changes", () => {
    const count = 4_000;
    const random = makeRandom(7, "passing").uniform;
    const below = (n: number): number => Math.floor(random() * n);
    const live = makeLiveItems();
    const prices = new Map<number, number>();
    let number = 0;
    const say = (itemIdx: number, removed: boolean): void => {
      const price = below(1_000);
      if (removed) prices.delete(itemIdx);
      else prices.set(itemIdx, price);
      const fields = removed ? {} : { "attributes.price": price };
      live.take(
        [{ itemId: `item ${itemIdx}`, itemIdx, number: ++number, record: { at: 0, removed, patches: {}, fields } }],
        0,
      );
    };
    for (let itemIdx = 0; itemIdx < count; itemIdx++) say(itemIdx, itemIdx % 9 === 0);
    const own = { available: true, group: "Shoes", isNew: false };
    const model = Array.from({ length: count }, (_, i) => ({
      ...own,
      isNew: i % 50 === 0,
      buyers: below(9),
      popularity: below(9),
    }));
    const items = makeServingItems(modelOf(model), live, 0, () => expect.fail("it was not full"));
    const passing = makePassing(items, 0);
    const byPopularity = (a: number, b: number): number =>
      model[b].popularity - model[a].popularity || model[b].buyers - model[a].buyers || a - b;
    /** Those of prices from `from` to below `to`. */
    const check = (from: number, to: number): void => {
      const isFrom: Where = { kind: "compare", attribute: "price", type: "number", by: ">=", value: from };
      const isBelow: Where = { ...isFrom, by: "<", value: to };
      const found = passing.of(allOf([isFrom, isBelow]));
      const expected = [...prices].flatMap(([item, price]) => (price >= from && price < to ? [item] : []));
      const known = expected.filter((item) => item < count).sort(byPopularity);
      const ordered = [...found.inOrder()].map((row) => items.itemIdx[row]);
      expect(ordered.slice(0, known.length)).toEqual(known);
      expect([...ordered].sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
      expect([...found.rows.keys()].filter((row) => found.rows[row] === 1)).toHaveLength(expected.length);
      // In the order of rows, for new ones are drawn by it.
      const isNew = (item: number): boolean => item >= count || item % 50 === 0;
      const rows = expected.filter(isNew).map((item) => items.rowOfIdx(item)!);
      expect([...found.fresh()]).toEqual(rows.sort((a, b) => a - b));
    };
    for (let round = 0; round < 40; round++) {
      const from = below(990);
      check(from, from + 10);
      check(from, from + 500);
      check(2_000, 3_000);
      check(0, 1_000);
      check(500, 510);
      for (let i = 0; i < (round === 20 ? 3_000 : 9); i++) say(below(count + 300), below(4) === 0);
    }
  });
});
