/** What every engine of the batch's steps promises, by the programs that stand on it. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Fiber, type Layer, Option, Stream } from "effect";
import fc from "fast-check";
import { popular } from "../../src/batch/Popular.ts";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { readItems } from "../../src/datasets/ItemTables.ts";
import { readIds } from "../../src/datasets/StoredIds.ts";
import { readSnapshot, readTrainingData, readUserIds } from "../../src/datasets/TrainingData.ts";
import { readPasts } from "../../src/datasets/UserTables.ts";
import {
  archiveAppId,
  itemMap,
  rawArticles,
  rawEvents,
  rawTransactions,
  type TableDefinition,
} from "../../src/domain/TableSchemas.ts";
import type { BatchSteps } from "../../src/ports/BatchSteps.ts";
import { Catalogue, type CatalogueService } from "../../src/ports/Catalogue.ts";
import type { Sql } from "../../src/ports/Sql.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder as inAnyFolder, type Row, rowsOf } from "../support/Folder.ts";
import { pastOf } from "../support/LoadedUsers.ts";

const put = (table: TableDefinition, rows: ReadonlyArray<Row>) =>
  Effect.flatMap(Tables, (tables) =>
    tables.overwrite(table.name, table.schema, Stream.make(batchOf(table.schema, rows))),
  );

/** Days are counted from here. */
const firstDay = 10_000;

const bought = (customer_id: string, article_id: string, day: number, more: Row = {}): Row => ({
  t_dat: firstDay + day,
  customer_id,
  article_id,
  ...more,
});

const happened = (
  event_id: string,
  customer_id: string,
  article_id: string,
  event_type: string,
  more: Row = {},
): Row => ({
  t_dat: firstDay + 10,
  customer_id,
  article_id,
  sales_channel_id: 2,
  event_type,
  timestamp: (firstDay + 10) * 86_400,
  quantity: 1,
  event_id,
  log_partition: 0,
  log_offset: 0n,
  ...more,
});

const century = 36_525;

/** Rows of the years 1970 and 2202, by day or by time. */
const impossible = (user: string, item: string): ReadonlyArray<Row> => [
  bought(user, item, 0, { t_dat: 0 }),
  bought(user, item, 0, { t_dat: 364 }),
  bought(user, item, 0, { timestamp: 0 }),
  bought(user, item, 0, { t_dat: 20_000 + 2 * century }),
  bought(user, item, 0, { timestamp: (20_000 + 2 * century) * 86_400 }),
];

/** Of the year 1970, of 2202, and more than a day ahead of when they arrived. */
const impossibleEvents = (user: string, item: string): ReadonlyArray<Row> => [
  happened("i1", user, item, "purchase", { timestamp: 0 }),
  happened("i2", user, item, "purchase", { timestamp: (20_000 + 2 * century) * 86_400 }),
  happened("i3", user, item, "purchase", { timestamp: 1e9, arrived_at: 1e9 - 86_401 }),
];

/** Rating by "user item". */
const ratings = Effect.gen(function* () {
  const data = yield* readTrainingData();
  const users = yield* readUserIds(data.snapshot);
  const items = yield* readItems(data.snapshot);
  const found = new Map<string, number>();
  users.forEach((user, u) => {
    for (let i = data.pointers[u]; i < data.pointers[u + 1]; i++) {
      found.set(`${user} ${items[data.itemIdx[i]].metadata.article_id}`, data.ratings[i]);
    }
  });
  return found;
});

export type StepsLayer = Layer.Layer<BatchSteps, unknown, Tables | Sql>;

/** `runs`: how many series of runs are tried. */
export const batchStepsContract = (name: string, steps: StepsLayer, runs: number): void => {
  const inFolder: typeof inAnyFolder = (test, settings) => inAnyFolder(test, settings, steps);

  describe(`${name}: BatchSteps, by preprocess`, () => {
    it.effect("rates pairs by log1p of the summed weights, with the reference's weights", () =>
      inFolder(() =>
        Effect.gen(function* () {
          yield* put(rawTransactions, [
            bought("u", "a", 1),
            bought("u", "a", 2),
            bought("u", "b", 2, { event_type: "click" }),
            bought("v", "a", 3, { event_type: "add_to_cart" }),
            bought("v", "b", 3, { event_type: "wave" }),
            bought("v", "c", 3, { weight: 4 }),
            bought("w", "c", 3, { weight: 0 }),
          ]);
          yield* put(rawEvents, [
            happened("1", "u", "b", "purchase", { quantity: 3 }),
            happened("1", "u", "b", "purchase", { quantity: 3 }),
            happened("1", "v", "b", "click"),
            happened("2", "v", "b", "wave"),
          ]);
          const summary = yield* preprocess;
          expect(summary).toMatchObject({
            transactions: 7,
            events: 4,
            repeated: 1,
            unknownType: 2,
            pairs: 5,
            users: 3,
          });
          expect(yield* ratings).toEqual(
            new Map(
              Object.entries({ "u a": 2, "u b": 3.1, "v a": 0.5, "v b": 0.1, "v c": 4 }).map(([pair, sum]) => [
                pair,
                Math.fround(Math.log1p(sum)),
              ]),
            ),
          );
        }),
      ),
    );

    it.effect("numbers items by the catalogue, then by first appearance, and gives their metadata", () =>
      inFolder(() =>
        Effect.gen(function* () {
          yield* put(rawArticles, [
            { article_id: "b", prod_name: "Bag", product_group_name: "Bags" },
            { article_id: "a", prod_name: "Anorak" },
          ]);
          yield* put(rawTransactions, [bought("v", "z", 1), bought("u", "a", 1)]);
          yield* preprocess;
          const snapshot = yield* readSnapshot;
          expect(yield* readUserIds(snapshot)).toEqual(["v", "u"]);
          const items = yield* readItems(snapshot);
          expect(items.map((item) => item.metadata.article_id)).toEqual(["b", "a", "z"]);
          expect(items[0].metadata).toMatchObject({
            prod_name: "Bag",
            product_group_name: "Bags",
            product_type_name: "",
          });
          expect(items[2].metadata.prod_name).toBe("");
          expect(items.map((item) => item.listed)).toEqual([true, true, false]);
          const data = yield* readTrainingData(snapshot);
          expect([data.users, data.items, [...data.pointers], [...data.itemIdx]]).toEqual([2, 3, [0, 1, 2], [2, 1]]);
        }),
      ),
    );

    it.effect("keeps histories in order of user and time, with known types only", () =>
      inFolder(() =>
        Effect.gen(function* () {
          yield* put(rawTransactions, [
            bought("u", "b", 2),
            bought("v", "a", 1, { event_type: "wave", weight: 2 }),
            bought("u", "a", 1),
            bought("u", "b", 2),
            bought("v", "a", 1, { event_type: "click", timestamp: (firstDay + 1) * 86_400 + 100.5 }),
          ]);
          yield* preprocess;
          const snapshot = yield* readSnapshot;
          const pasts = yield* Effect.flatMap(readPasts(snapshot), (read) => read(0, 1));
          const time = (day: number) => (firstDay + day) * 86_400;
          expect([0, 1].map((user) => pastOf(pasts, user).interactions)).toEqual([
            [
              { itemIdx: 1, type: 2, time: time(1) },
              { itemIdx: 0, type: 2, time: time(2) },
            ],
            [{ itemIdx: 1, type: 0, time: time(1) + 100.5 }],
          ]);
        }).pipe(Effect.scoped),
      ),
    );

    it.effect(
      "keeps all that was ever bought, whatever its weight, age and number, and counts each item's buyers",
      () =>
        inFolder(() =>
          Effect.gen(function* () {
            const many = Array.from({ length: 5000 }, (_, i) => bought("u", `a${i}`, 400 + (i % 5000)));
            yield* put(rawTransactions, [
              ...many,
              bought("v", "a3", 400, { weight: 0 }),
              bought("v", "a3", 401),
              bought("v", "a4", 400, { event_type: "click" }),
              bought("v", "a5", 400, { event_type: "wave", weight: 3 }),
            ]);
            yield* put(rawEvents, [happened("1", "w", "a3", "purchase"), happened("2", "w", "a7", "add_to_cart")]);
            yield* preprocess;
            const snapshot = yield* readSnapshot;
            const readAll = (of: typeof snapshot) => Effect.flatMap(readPasts(of), (read) => read(0, 2));
            const pasts = yield* readAll(snapshot);
            expect([0, 1, 2].map((user) => [...pastOf(pasts, user).bought])).toEqual([
              Array.from({ length: 5000 }, (_, i) => i),
              [3],
              [3],
            ]);
            const stats = yield* rowsOf("processed/item_stats");
            // As version 0.1.0 left it.
            const { "processed/user_bought": _, ...tables } = snapshot.tables;
            const old = yield* readAll({ ...snapshot, tables });
            expect(pastOf(old, 0).bought).toHaveLength(100);
            expect(pastOf(old, 2).bought).toEqual(Uint32Array.of(3));
            expect(stats).toEqual(Array.from({ length: 5000 }, (_, i) => ({ item_idx: i, buyers: i === 3 ? 3 : 1 })));
          }).pipe(Effect.scoped),
        ),
    );

    it.effect("counts a late event's retry once in an archive of version 0.1, which tells no arrivals", () =>
      inFolder(() =>
        Effect.gen(function* () {
          const at = (day: number, log_offset: bigint): Row => ({ timestamp: (firstDay + day) * 86_400, log_offset });
          yield* put(rawEvents, [
            happened("1", "u", "a", "purchase", at(50, 0n)),
            happened("late", "u", "b", "purchase", at(10, 1n)),
            happened("2", "u", "a", "purchase", at(50, 2n)),
            happened("late", "u", "b", "purchase", at(10, 3n)),
            happened("late", "u", "b", "purchase", at(52, 4n)),
          ]);
          expect(yield* preprocess).toMatchObject({ events: 5, repeated: 1 });
        }),
      ),
    );

    it.effect("takes over an archive that holds nothing but a transaction's columns", () =>
      inFolder(() =>
        Effect.gen(function* () {
          const tables = yield* Tables;
          const names = ["t_dat", "customer_id", "article_id", "price", "sales_channel_id", "event_type"];
          const schema = rawEvents.schema.filter(({ name }) => names.includes(name));
          const row = (customer_id: string, article_id: string, event_type: string): Row => ({
            t_dat: firstDay + 10,
            customer_id,
            article_id,
            sales_channel_id: 2,
            event_type,
          });
          const rows = [
            row("u", "a", "purchase"),
            row("u", "a", "click"),
            row("u", "a", "click"),
            row("v", "b", "click"),
          ];
          yield* tables.overwrite(rawEvents.name, schema, Stream.make(batchOf(schema, rows)));
          expect(yield* preprocess).toMatchObject({ events: 4, repeated: 0, badTime: 0 });
          const rating = (sum: number) => Math.fround(Math.log1p(sum));
          expect(yield* ratings).toEqual(
            new Map([
              ["u a", rating(1.2)],
              ["v b", rating(0.1)],
            ]),
          );
          yield* tables.append(
            rawEvents.name,
            rawEvents.schema,
            Stream.make(batchOf(rawEvents.schema, [happened("1", "v", "a", "purchase")])),
          );
          expect(yield* preprocess).toMatchObject({ events: 5, repeated: 0, badTime: 0 });
          expect((yield* ratings).get("v a")).toBe(rating(1));
          yield* popular;
        }),
      ),
    );

    it.effect("leaves out and counts rows of an impossible time", () =>
      inFolder(() =>
        Effect.gen(function* () {
          yield* put(rawTransactions, [bought("u", "a", 365 - firstDay), bought("u", "b", 1), ...impossible("v", "a")]);
          yield* put(rawEvents, [
            ...impossibleEvents("v", "a"),
            happened("1", "u", "c", "purchase", { timestamp: 1e9, arrived_at: 1e9 - 86_400 }),
          ]);
          const summary = yield* preprocess;
          expect(summary).toMatchObject({ transactions: 7, events: 4, badTime: 8, pairs: 3, users: 1 });
        }),
      ),
    );

    it.effect("numbers items by the catalogue, anew where a shop puts some meanwhile, and gives no index twice", () =>
      inFolder(() =>
        Effect.gen(function* () {
          yield* put(rawTransactions, [bought("u", "a", 1), bought("v", "a", 2), bought("u", "b", 3)]);
          const own = yield* Catalogue;
          let calls = 0;
          const quick = own.change([{ kind: "replace", itemId: "quick", fields: { title: "Quick" } }]);
          const racing: CatalogueService = {
            ...own,
            allot: (ids) => (calls++ === 0 ? Effect.zipRight(quick, own.allot(ids)) : own.allot(ids)),
          };
          const summary = yield* Effect.provideService(preprocess, Catalogue, racing);
          expect(summary).toMatchObject({ items: 3, newItems: 3, users: 2, newUsers: 2, pairs: 3 });
          expect(yield* readIds(itemMap)).toEqual(["quick", "a", "b"]);
          expect((yield* own.find(["quick", "a", "b"])).map((item) => item?.itemIdx)).toEqual([0, 1, 2]);
          const stats = yield* rowsOf("processed/item_stats");
          expect(stats.map(({ buyers }) => buyers)).toEqual([0, 2, 1]);
          yield* put(rawTransactions, [bought("u", "c", 1), bought("v", "b", 2), bought("v", "d", 2)]);
          expect(yield* preprocess).toMatchObject({ items: 5, newItems: 2, users: 2, newUsers: 0 });
          expect(yield* readIds(itemMap)).toEqual(["quick", "a", "b", "c", "d"]);
          expect((yield* own.find(["d", "c"])).map((item) => item?.itemIdx)).toEqual([4, 3]);
        }),
      ),
    );

    it.effect("notes the versions it read and wrote, and the archive's next offsets", () =>
      inFolder(() =>
        Effect.gen(function* () {
          const tables = yield* Tables;
          yield* put(rawTransactions, [bought("u", "a", 1)]);
          yield* put(rawTransactions, [bought("u", "a", 1)]);
          yield* tables.append(rawEvents.name, rawEvents.schema, Stream.make(batchOf(rawEvents.schema, [])), [
            { appId: archiveAppId("a/log", 3), expected: undefined, next: 42n },
            { appId: "somebody else", expected: undefined, next: 7n },
          ]);
          yield* preprocess;
          const first = yield* readTrainingData();
          expect(first.snapshot.offsets).toEqual({ "a/log/3": "42" });
          expect(first.snapshot.tables).toEqual({
            "raw/transactions": 1,
            "processed/items": 0,
            "raw/events": 0,
            "processed/user_map": 0,
            "processed/item_map": 0,
            "processed/pair_sums": 0,
            "processed/train_data": 0,
            "processed/user_history": 0,
            "processed/user_bought": 0,
            "processed/user_recent": 0,
            "processed/item_stats": 0,
          });
          yield* put(rawTransactions, [bought("v", "b", 1), bought("u", "a", 1)]);
          yield* preprocess;
          expect(yield* readTrainingData(first.snapshot)).toEqual(first);
          expect((yield* readTrainingData()).users).toBe(2);
        }),
      ),
    );

    it.effect("keeps every id's index over any series of runs, whatever comes and goes", () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.array(fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 8 }), { minLength: 2, maxLength: 3 }),
            (runs) =>
              Effect.runPromise(
                inFolder(() =>
                  Effect.gen(function* () {
                    let users: ReadonlyArray<string> = [];
                    let items: ReadonlyArray<string> = [];
                    for (const pairs of runs) {
                      yield* put(
                        rawTransactions,
                        pairs.map(([user, item]) => bought(`u${user}`, `i${item}`, 1)),
                      );
                      yield* preprocess;
                      const snapshot = yield* readSnapshot;
                      const nowUsers = yield* readUserIds(snapshot);
                      const nowItems = (yield* readItems(snapshot)).map((item) => item.metadata.article_id);
                      const appended = (old: ReadonlyArray<string>, ids: ReadonlyArray<string>) => [
                        ...new Set([...old, ...ids]),
                      ];
                      expect(nowUsers).toEqual(
                        appended(
                          users,
                          pairs.map(([user]) => `u${user}`),
                        ),
                      );
                      expect(nowItems).toEqual(
                        appended(
                          items,
                          pairs.map(([, item]) => `i${item}`),
                        ),
                      );
                      users = nowUsers;
                      items = nowItems;
                      const data = yield* readTrainingData();
                      expect(data.itemIdx.length).toBe(new Set(pairs.map(String)).size);
                    }
                  }),
                ),
              ),
          ),
          { numRuns: runs },
        ),
      ),
    );

    it.effect("leaves the last run's tables, and nothing beside them, wherever it is stopped", () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          yield* put(rawTransactions, [bought("u", "a", 1)]);
          yield* preprocess;
          const before = yield* readTrainingData();
          const rows = Array.from({ length: 20_000 }, (_, i) => bought(`u${i % 997}`, `a${i % 211}`, i % 700));
          yield* put(rawTransactions, rows);
          const started = Date.now();
          yield* preprocess.pipe(Effect.fork, Effect.flatMap(Fiber.join));
          const whole = Date.now() - started;
          yield* put(rawTransactions, [...rows, bought("u", "z", 1)]);
          const last = yield* readTrainingData();
          expect(last).not.toEqual(before);
          for (const share of [0.1, 0.4, 0.7]) {
            const running = yield* Effect.fork(preprocess);
            yield* Effect.sleep(whole * share);
            yield* Fiber.interrupt(running);
            const now = yield* readTrainingData();
            if (now.items === last.items) expect(now).toEqual(last);
            expect(yield* folder.exists("spill")).toBe(false);
          }
          expect(yield* preprocess).toMatchObject({ transactions: rows.length + 1, items: 213 });
        }),
      ),
    );

    it.effect("says what to run first when there is nothing to read", () =>
      inFolder(() =>
        Effect.gen(function* () {
          expect((yield* Effect.flip(preprocess)).message).toMatch(/csv-to-delta, generate or import/);
          expect((yield* Effect.flip(readTrainingData())).message).toMatch(/preprocess/);
        }),
      ),
    );
  });

  describe(`${name}: BatchSteps, by popular`, () => {
    const many = (from: number, count: number, t_dat: number) =>
      Array.from({ length: count }, (_, i) => bought(`u${i}`, `a${from + i}`, t_dat));

    it.effect("counts distinct buyers in the window before the latest purchase, ties by index", () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const asOf = (firstDay + 100) * 86_400 + 100;
          yield* put(rawTransactions, [
            ...many(0, 60, 100),
            bought("x", "a7", 99),
            bought("x", "a7", 99),
            bought("y", "a5", 70),
            bought("x", "a5", 100, { event_type: "click" }),
            ...["k", "l", "m", "n"].map((user) => bought(user, "a9", 69)),
            bought("x", "late", 130, { event_type: "click" }),
          ]);
          yield* put(rawEvents, [happened("1", "q", "a7", "purchase", { t_dat: firstDay + 100, timestamp: asOf })]);
          yield* preprocess;
          const summary = yield* popular;
          expect(summary.purchases).toBe(64);
          const { items, ...found } = Option.getOrThrow(Option.fromNullable(folder.popular()));
          expect(found).toMatchObject({ asOf, windowDays: 30 });
          expect(items).toHaveLength(50);
          expect(items.slice(0, 4)).toEqual([
            { itemIdx: 7, buyers: 3 },
            { itemIdx: 5, buyers: 2 },
            { itemIdx: 0, buyers: 1 },
            { itemIdx: 1, buyers: 1 },
          ]);
        }),
      ),
    );

    it.effect("looks at no row of an impossible time", () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          yield* put(rawTransactions, [...many(0, 60, 100), ...impossible("x", "a0")]);
          yield* put(rawEvents, impossibleEvents("x", "a1"));
          yield* preprocess;
          const summary = yield* popular;
          expect(summary).toMatchObject({ asOf: (firstDay + 100) * 86_400, windowDays: 30, purchases: 60 });
          expect(folder.popular()?.items.every(({ buyers }) => buyers === 1)).toBe(true);
        }),
      ),
    );

    it.effect("widens the window of a quiet shop, and counts clicks where nothing was ever bought", () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          yield* put(rawTransactions, [bought("x", "a0", 100), ...many(0, 60, 50)]);
          yield* preprocess;
          yield* popular;
          expect(folder.popular()).toMatchObject({ windowDays: 60, items: { length: 50 } });

          yield* put(rawTransactions, [bought("x", "a3", 100, { event_type: "click" })]);
          yield* popular;
          expect(folder.popular()?.items).toEqual([{ itemIdx: 3, buyers: 1 }]);

          yield* put(rawTransactions, []);
          yield* popular;
          expect(folder.popular()?.items).toEqual([]);
        }),
      ),
    );

    it.effect("leaves the list as it is where preprocess has made no indices", () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          yield* put(rawTransactions, [bought("x", "a0", 100)]);
          const error = yield* Effect.flip(popular);
          expect(error.message).toMatch(/run the command `batch preprocess` first/);
          expect(folder.popular()).toBeUndefined();
        }),
      ),
    );
  });
};
