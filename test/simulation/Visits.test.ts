import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer } from "effect";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { saltedHash, type Tombstone } from "../../src/domain/Forgotten.ts";
import { rawArticles, rawTransactions } from "../../src/domain/TableSchemas.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { historyLength, readShoppers } from "../../src/simulation/Shoppers.ts";
import { makeVisits } from "../../src/simulation/Visits.ts";
import { memoryForgotten, salt } from "../support/MemoryForgotten.ts";
import { type FakeTable, fakeTables } from "./FakeTables.ts";

const groups = 5;
const groupOf = (item: string): number => Number(item.slice(1)) % groups;
const fanOf = (user: string): number => Number(user.slice(1)) % groups;

/** 200 customers who each buy of one group of items only. */
const bought: FakeTable["rows"] = (() => {
  const random = makeRandom(1, "test");
  return Array.from({ length: 3_000 }, (_, n) => {
    const user = random.below(200);
    const item = random.below(40) * groups + (user % groups);
    return { t_dat: 18_000 + Math.floor(n / 100), customer_id: `u${user}`, article_id: `i${item}` };
  });
})();
const transactions = { schema: rawTransactions.schema, rows: bought };
const articles = {
  schema: rawArticles.schema,
  rows: Array.from({ length: 200 }, (_, i) => ({ article_id: `i${i}`, product_type_name: `type ${i % groups}` })),
};
const tablesOf = (tables: Parameters<typeof fakeTables>[0], tombstones?: Map<string, Tombstone>) =>
  Layer.merge(fakeTables(tables), memoryForgotten(tombstones));
const both = tablesOf({ "raw/transactions": transactions, "raw/articles": articles });
const untyped = tablesOf({ "raw/transactions": transactions });
const all = readShoppers({ most: 1_000, seed: 3 });

describe("visits", () => {
  for (const [name, layer] of [
    ["by the kinds of what they had", both],
    ["by what others had, where items have no kind", untyped],
  ] as const) {
    it.effect(`lets shoppers act on their own taste, ${name}`, () =>
      Effect.gen(function* () {
        const next = makeVisits(yield* all, 1);
        const events = Array.from({ length: 20_000 }, next);
        const own = events.filter(({ userId, itemId }) => fanOf(userId) === groupOf(itemId)).length;
        expect(own / events.length).toBeGreaterThan(0.5);
        expect(own / events.length).toBeLessThan(1);
      }).pipe(Effect.provide(layer)),
    );
  }

  it.effect("clicks 70, carts 20 and buys 10 percent, each item in this order, within a visit", () =>
    Effect.gen(function* () {
      const next = makeVisits(yield* all, 2);
      const events = Array.from({ length: 40_000 }, next);
      const share = (type: string) => events.filter(({ eventType }) => eventType === type).length / events.length;
      [0.7, 0.2, 0.1].forEach((wanted, i) => {
        expect(Math.abs(share(defaultEventTypes.names[i]!) - wanted)).toBeLessThan(0.01);
      });
      const reached = new Map<string, number>();
      const outOfOrder = events.filter(({ userId, itemId, eventType }) => {
        const pair = `${userId} ${itemId}`;
        const before = reached.get(pair) ?? -1;
        const step = defaultEventTypes.names.indexOf(eventType);
        reached.set(pair, step);
        return step !== 0 && before !== step - 1;
      });
      expect(outOfOrder).toEqual([]);
    }).pipe(Effect.provide(both)),
  );

  it.effect("repeats itself for a seed", () =>
    Effect.gen(function* () {
      const shoppers = yield* all;
      const take = (seed: number) => JSON.stringify(Array.from({ length: 100 }, makeVisits(shoppers, seed)));
      expect(take(5)).toBe(take(5));
      expect(take(5)).not.toBe(take(6));
    }).pipe(Effect.provide(both)),
  );

  it.effect("goes on for a single shopper with a single item", () =>
    Effect.gen(function* () {
      const next = makeVisits(yield* all, 1);
      const events = Array.from({ length: 50 }, next);
      expect(new Set(events.map(({ userId, itemId }) => `${userId} ${itemId}`))).toEqual(new Set(["u1 i1"]));
    }).pipe(
      Effect.provide(
        tablesOf({
          "raw/transactions": {
            schema: rawTransactions.schema,
            rows: [{ t_dat: 1, customer_id: "u1", article_id: "i1" }],
          },
        }),
      ),
    ),
  );
});

describe("shoppers", () => {
  it.effect("are a sample with complete histories, the same for a seed, where there are too many", () =>
    Effect.gen(function* () {
      const some = yield* readShoppers({ most: 20, seed: 4 });
      expect(some.customers.length).toBe(20);
      some.customers.forEach((customer, i) => {
        const history = bought.filter((row) => row.customer_id === customer).map((row) => row.article_id);
        expect(some.histories[i]!.map((item) => some.items[item])).toEqual(history.slice(-historyLength));
      });
      expect((yield* readShoppers({ most: 20, seed: 4 })).customers).toEqual(some.customers);
      expect((yield* readShoppers({ most: 20, seed: 5 })).customers).not.toEqual(some.customers);
    }).pipe(Effect.provide(both)),
  );

  it.effect("cannot be found where nothing was bought, and the error says what to do", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(all);
      expect(error.reason).toBe("NoCustomers");
      expect(error.message).toContain("generate");
    }).pipe(Effect.provide(tablesOf({}))),
  );

  it.effect("lets nobody act in the name of whoever is forgotten", () => {
    const hash = saltedHash(salt, "u7");
    const tombstones = new Map([[hash, { hash, forgottenAt: 1, done: {} }]]);
    const layer = tablesOf({ "raw/transactions": transactions }, tombstones);
    return Effect.gen(function* () {
      const { customers } = yield* all;
      expect(customers).toHaveLength(199);
      expect(customers).not.toContain("u7");
    }).pipe(Effect.provide(layer));
  });
});
