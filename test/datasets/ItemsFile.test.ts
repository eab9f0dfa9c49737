import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import { popular } from "../../src/batch/Popular.ts";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { itemsFile, listedIds } from "../../src/datasets/ItemsFile.ts";
import { readItems } from "../../src/datasets/ItemTables.ts";
import { readSnapshot } from "../../src/datasets/TrainingData.ts";
import { rawArticles } from "../../src/domain/TableSchemas.ts";
import { readInteractions } from "../../src/evaluation/ReadInteractions.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, type Folder, inFolder, type Row } from "../support/Folder.ts";

/** The columns of version 0.1.0. */
const schema = rawArticles.schema.filter(({ name }) => name !== "listed");

const put = (rows: ReadonlyArray<Row>) =>
  Effect.flatMap(Tables, (tables) => tables.overwrite(rawArticles.name, schema, Stream.make(batchOf(schema, rows))));

const bought = (user: string, item: string, day: number) => `${user},${item},2020-09-${String(day).padStart(2, "0")}`;

/** Three shoppers of a shop that no longer has "old", its best seller. */
const events = [
  "user,item,day",
  bought("ann", "old", 20),
  bought("bob", "old", 21),
  bought("cid", "old", 22),
  bought("ann", "new", 20),
  bought("bob", "new", 20),
  bought("ann", "newer", 20),
].join("\n");

const columns = { user: "user", item: "item", timestamp: "day" };

const imported = (folder: Folder, items?: string) =>
  Effect.gen(function* () {
    const file = yield* folder.write("events.csv", events);
    const given = items === undefined ? {} : { items: yield* folder.write("items.csv", items), itemId: "id" };
    yield* importEvents({ events: file, ...columns, ...given });
    yield* preprocess;
    yield* popular;
    const known = yield* readItems(yield* readSnapshot);
    const nameOf = (itemIdx: number) => known[itemIdx].metadata.article_id;
    return {
      listed: known.filter(({ listed }) => listed).map(({ itemIdx }) => nameOf(itemIdx)),
      unknown: known.filter(({ listed }) => listed === undefined).length,
      bestSellers: folder.popular()?.items.map(({ itemIdx }) => nameOf(itemIdx)),
      buyers: Object.fromEntries(known.map(({ buyers, itemIdx }) => [nameOf(itemIdx), buyers])),
    };
  });

describe("ItemsFile", () => {
  it.effect("says which items may be recommended; the others stay known", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const buyers = { "brand new": 0, new: 2, newer: 1, old: 3 };
        expect(yield* imported(folder, "id\nnew\nnewer\nbrand new\n")).toEqual({
          listed: ["new", "newer", "brand new"],
          unknown: 0,
          bestSellers: ["new", "newer"],
          buyers,
        });
        const log = yield* Effect.scoped(readInteractions);
        expect(log.itemIds.filter((_, item) => log.available[item] === 1)).toEqual(["new", "newer"]);
        // Without a file what was said stays; of what nothing was said, all that was ever sold counts again.
        expect(yield* imported(folder)).toEqual({
          listed: ["new", "newer", "brand new"],
          unknown: 1,
          bestSellers: ["old", "new", "newer"],
          buyers,
        });
        expect(yield* itemsFile()).toBeUndefined();
        const whole = yield* Effect.scoped(readInteractions);
        expect([...whole.available]).toEqual([1, 1, 1]);
      }),
    ),
  );

  it.effect("is none where version 0.1.0 made the table of the events' ids, and one where it read a file", () =>
    inFolder(() =>
      Effect.gen(function* () {
        expect(yield* itemsFile()).toBeUndefined();
        expect(yield* listedIds).toBeUndefined();
        const ids = Array.from({ length: 300 }, (_, i) => ({ article_id: `a${i}` }));
        yield* put(ids);
        expect(yield* itemsFile()).toBeUndefined();
        const version = yield* put([...ids, { article_id: "b", colour_group_name: "Blue" }]);
        expect(yield* itemsFile()).toBe(version);
        expect(yield* itemsFile(version - 1)).toBeUndefined();
        expect((yield* listedIds)?.size).toBe(301);
        yield* put([]);
        expect(yield* itemsFile()).toBeUndefined();
        expect(yield* itemsFile(99)).toBeUndefined();
      }),
    ),
  );
});
