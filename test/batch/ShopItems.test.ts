/** What a batch does with the catalogue: the items file's words, one index per item, and the table that it reads items from. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { describeItems, readDescriptions } from "../../src/datasets/Descriptions.ts";
import { listedIds } from "../../src/datasets/ItemsFile.ts";
import { readItems } from "../../src/datasets/ItemTables.ts";
import { readIds } from "../../src/datasets/StoredIds.ts";
import { readSnapshot } from "../../src/datasets/TrainingData.ts";
import { fieldsOf } from "../../src/domain/ItemRecord.ts";
import { itemMap, shopItems } from "../../src/domain/TableSchemas.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { Catalogue, CatalogueError, type StoredItem } from "../../src/ports/Catalogue.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, type Folder, inFolder, rowsOf } from "../support/Folder.ts";

const events = ["user,item,day", "ann,old,2020-09-20", "bob,old,2020-09-21", "ann,lamp,2020-09-22"].join("\n");

const imported = (folder: Folder, items: string | undefined, extra = "") =>
  Effect.gen(function* () {
    yield* importEvents({
      events: yield* folder.write("events.csv", events + extra),
      user: "user",
      item: "item",
      timestamp: "day",
      items: items === undefined ? undefined : yield* folder.write("items.csv", items),
      itemId: "id",
    });
    return yield* preprocess;
  });

const all = Effect.gen(function* () {
  const catalogue = yield* Catalogue;
  const ids = yield* Stream.runFold(catalogue.ids(0), [] as Array<string>, (known, page) => [...known, ...page]);
  return (yield* catalogue.find(ids)) as ReadonlyArray<StoredItem>;
});

const fieldsById = Effect.map(all, (items) =>
  Object.fromEntries(
    items.map(({ itemId, record }) => [itemId, record && (record.removed ? "gone" : fieldsOf(record))]),
  ),
);

const isAligned = Effect.gen(function* () {
  expect(yield* readIds(itemMap)).toEqual((yield* all).map(({ itemId }) => itemId));
});

describe("a batch and the catalogue", () => {
  it.effect("says the items file's words, each once, and makes unavailable what the file lacks", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const first = yield* imported(folder, "id,title,price\nlamp,Lamp,5\ntent,Tent,\n");
        expect(first).toMatchObject({ items: 3, newItems: 3 });
        expect(yield* fieldsById).toEqual({
          lamp: { title: "Lamp", available: true, "attributes.price": 5 },
          tent: { title: "Tent", available: true },
          old: undefined,
        });
        yield* isAligned;
        const before = yield* all;
        expect(yield* preprocess).toMatchObject({ items: 3, newItems: 0 });
        expect(yield* imported(folder, "id,title,price\nlamp,Lamp,5\ntent,Tent,\n")).toMatchObject({ newItems: 0 });
        expect(yield* all).toEqual(before);

        yield* imported(folder, "id,title,price\nlamp,Lamp,6\nbed,Bed,\n");
        expect(yield* fieldsById).toEqual({
          lamp: { title: "Lamp", available: true, "attributes.price": 6 },
          tent: { title: "Tent", available: false },
          old: undefined,
          bed: { title: "Bed", available: true },
        });
        const numbers = new Map((yield* all).map(({ itemId, number }) => [itemId, number]));
        expect(numbers.get("old")).toBe(before.find(({ itemId }) => itemId === "old")!.number);
        yield* isAligned;
      }),
    ),
  );

  it.effect("lets a later call win over the file, and a later file over the call", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const catalogue = yield* Catalogue;
        const file = "id,title\nlamp,Lamp\ntent,Tent\nold,Old\n";
        yield* imported(folder, file);
        yield* catalogue.change([
          { kind: "patch", itemId: "lamp", fields: { title: "Bright lamp" } },
          { kind: "remove", itemId: "tent" },
          { kind: "replace", itemId: "rug", fields: { title: "Rug", "attributes.colour": "red" } },
          { kind: "patch", itemId: "old", fields: { available: false } },
        ]);
        yield* preprocess;
        expect(yield* fieldsById).toEqual({
          lamp: { title: "Bright lamp", available: true },
          tent: "gone",
          old: { title: "Old", available: false },
          rug: { title: "Rug", "attributes.colour": "red" },
        });
        const snapshot = yield* readSnapshot;
        const items = yield* readItems(snapshot);
        expect(items.map(({ listed, metadata }) => [metadata.article_id, metadata.prod_name, listed])).toEqual([
          ["lamp", "Bright lamp", true],
          ["tent", "", false],
          ["old", "Old", false],
          ["rug", "Rug", true],
        ]);
        expect(yield* readDescriptions(snapshot)).toEqual([
          ["~bright", "~lamp"],
          undefined,
          ["~old"],
          ["colour=red", "~rug"],
        ]);
        expect(yield* listedIds).toEqual(new Set(["lamp", "rug"]));
        const described = yield* describeItems(["old", "lamp"]);
        expect(described?.descriptions).toEqual([["~old"], ["~bright", "~lamp"], ["colour=red", "~rug"]]);
        expect([0, 1, 2].map((index) => described?.isListed(index))).toEqual([false, true, true]);

        yield* imported(folder, file);
        expect(yield* fieldsById).toEqual({
          lamp: { title: "Lamp", available: true },
          tent: { title: "Tent", available: true },
          old: { title: "Old", available: true },
          rug: { title: "Rug", "attributes.colour": "red", available: false },
        });
        yield* isAligned;
      }),
    ),
  );

  it.effect("adopts what was numbered without a catalogue, and gives up what another went over", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const catalogue = yield* Catalogue;
        const map = batchOf(
          itemMap.schema,
          ["tent", "old", "lamp"].map((article_id, item_idx) => ({ article_id, item_idx })),
        );
        yield* tables.overwrite(itemMap.name, itemMap.schema, Stream.make(map));
        expect(yield* imported(folder, undefined)).toMatchObject({ items: 3, newItems: 0 });
        expect((yield* all).map(({ itemId }) => itemId)).toEqual(["tent", "old", "lamp"]);
        const { columns } = batchOf(itemMap.schema, [{ article_id: "stray", item_idx: 3 }]);
        yield* tables.append(itemMap.name, itemMap.schema, Stream.make({ rows: 1, columns }));
        yield* catalogue.allot(["other"]);
        const before = yield* rowsOf("processed/pair_sums");
        const anew = yield* preprocess;
        expect(anew).toMatchObject({ items: 4, read: 3 });
        yield* isAligned;
        expect(yield* readIds(itemMap)).toEqual(["tent", "old", "lamp", "other"]);
        expect(yield* rowsOf("processed/pair_sums")).toEqual(before);
        expect(yield* rowsOf(shopItems.name)).toMatchObject([
          { item_idx: 0, item_id: "tent", available: null },
          { item_idx: 1, item_id: "old", available: null },
          { item_idx: 2, item_id: "lamp", available: null },
          { item_idx: 3, item_id: "other", available: null },
        ]);
        expect(yield* preprocess).toMatchObject({ items: 4, read: 0 });
      }),
    ),
  );

  it.effect("goes on where it was cut short, with the tables that it would have made", () => {
    const file = "id,title\nlamp,Lamp\nold,Old\n";
    const tables = ["processed/item_map", "processed/pair_sums", "processed/items", "processed/item_stats"];
    const made = (cut: boolean) =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const own = yield* Catalogue;
          const away = new CatalogueError({ reason: "Unavailable", message: "it is away" });
          const run = imported(folder, file, "\ncid,odd,2020-09-23");
          if (cut) {
            for (const broken of [
              { ...own, change: () => Effect.fail(away) },
              { ...own, allot: (ids: ReadonlyArray<string>) => Effect.zipRight(own.allot(ids), Effect.fail(away)) },
            ]) {
              const failed = yield* Effect.flip(Effect.provideService(run, Catalogue, broken));
              expect(failed).toMatchObject({ message: "it is away" });
            }
          }
          yield* cut ? preprocess : run;
          return yield* Effect.forEach(tables, rowsOf);
        }),
      );
    return Effect.gen(function* () {
      expect(yield* made(true)).toEqual(yield* made(false));
    });
  });
});
