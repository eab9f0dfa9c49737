import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { parquetWriteBuffer } from "hyparquet-writer";
import { popular } from "../../src/batch/Popular.ts";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { readItems } from "../../src/datasets/ItemTables.ts";
import { readTrainingData } from "../../src/datasets/TrainingData.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { type Folder, inFolder, rowsOf } from "../support/Folder.ts";

const events = [
  "who;what;when;did;much",
  "anna;0017;1600732800;view;",
  "anna;17;2020-09-22T12:00:00Z;buy;2.5",
  "bert;x,y;1600732800000;add_to_cart;",
].join("\n");
const columns = { user: "who", item: "what", timestamp: "when", type: "did", weight: "much" };
const types = "view=click, buy=purchase";
const day = Date.UTC(2020, 8, 22) / 86_400_000;
const seconds = day * 86_400;
const none = { price: null, sales_channel_id: null };
const expected = [
  { t_dat: day, customer_id: "anna", article_id: "0017", event_type: "click", timestamp: seconds, weight: null },
  {
    t_dat: day,
    customer_id: "anna",
    article_id: "17",
    event_type: "purchase",
    timestamp: seconds + 43_200,
    weight: 2.5,
  },
  { t_dat: day, customer_id: "bert", article_id: "x,y", event_type: "add_to_cart", timestamp: seconds, weight: null },
].map((row) => ({ ...row, ...none }));

const failing = (folder: Folder, change: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const file = yield* folder.write("shop.csv", events);
    return yield* Effect.flip(importEvents({ events: file, types, ...columns, ...change }));
  });

describe("ImportEvents", () => {
  it.effect("maps a shop's columns and types; ids stay as they are, users and items come from the events", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const file = yield* folder.write("shop.csv", events);
        const summary = yield* importEvents({ events: file, types, ...columns });
        expect(summary).toMatchObject({ events: 3, users: 2, items: 3, rejectedEvents: 0 });
        expect(yield* rowsOf("raw/transactions")).toEqual(expected);
        expect(yield* Effect.flip(rowsOf("raw/articles"))).toMatchObject({ reason: "NotFound" });
        expect((yield* rowsOf("raw/customers")).map((row) => row.customer_id)).toEqual(["anna", "bert"]);
      }),
    ),
  );

  it.effect("takes cells of several lines and quotes beside rows that cannot be used, whichever way lines end", () =>
    Effect.forEach(["\n", "\r\n", "\r"], (end) =>
      inFolder(
        (folder) =>
          Effect.gen(function* () {
            const cell = `"Wide,${end}warm ""wool""; soft${end}"`;
            const lines = ["user,item,note", `anna,1,${cell}`, "bert", `cid,2,${cell}`, `${cell},3,plain`, ""];
            const file = yield* folder.write("shop.csv", lines.join(end));
            const summary = yield* importEvents({ events: file, user: "user", item: "item" });
            expect(summary).toMatchObject({ events: 2, rejectedEvents: 2 });
            const rows = yield* rowsOf("raw/transactions");
            expect(rows.map((row) => [row.customer_id, row.article_id])).toEqual([
              ["anna", "1"],
              ["cid", "2"],
            ]);
          }),
        { MAX_REJECTS: "100" },
      ),
    ),
  );

  it.effect("takes items with their names and groups", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const file = yield* folder.write("shop.csv", events);
        const items = yield* folder.write("items.csv", 'id,name,kind\n17,"Shirt, blue",Shirts\n0017,,Hats\n');
        yield* importEvents({ events: file, types, ...columns, items, itemId: "id", title: "name", group: "kind" });
        expect(yield* rowsOf("raw/articles")).toMatchObject([
          { article_id: "17", prod_name: "Shirt, blue", product_group_name: "Shirts", product_type_name: null },
          { article_id: "0017", prod_name: null, product_group_name: "Hats" },
        ]);
      }),
    ),
  );

  it.effect("reads the same from Parquet, with times as timestamps and ids as numbers", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const buffer = parquetWriteBuffer({
          columnData: [
            { name: "ignored", data: [1, 2, 3], type: "INT32" },
            { name: "what", data: [17n, 18n, 17n], type: "INT64" },
            { name: "who", data: ["anna", "anna", "bert"], type: "STRING" },
            { name: "when", data: [0, 1, 2].map((i) => new Date((seconds + i) * 1000)), type: "TIMESTAMP" },
            { name: "much", data: [null, 0.5, 1], type: "DOUBLE", nullable: true },
          ],
          rowGroupSize: 2,
        });
        const file = yield* folder.write("shop.parquet", new Uint8Array(buffer));
        yield* importEvents({ events: file, user: "who", item: "what", timestamp: "when", weight: "much" });
        const common = { t_dat: day, event_type: null, ...none };
        expect(yield* rowsOf("raw/transactions")).toEqual([
          { ...common, customer_id: "anna", article_id: "17", timestamp: seconds, weight: null },
          { ...common, customer_id: "anna", article_id: "18", timestamp: seconds + 1, weight: 0.5 },
          { ...common, customer_id: "bert", article_id: "17", timestamp: seconds + 2, weight: 1 },
        ]);
      }),
    ),
  );

  it.effect("keeps a Parquet row aside whose time is none", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const times = [0n, 253402300800000000n, 2n ** 62n, 1600732800000000n];
          const buffer = parquetWriteBuffer({
            columnData: [
              { name: "what", data: ["a", "a", "a", "a"] },
              { name: "who", data: ["anna", "anna", "anna", "anna"] },
              { name: "when", data: times },
            ],
            schema: [
              { name: "root", num_children: 3 },
              { name: "what", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
              { name: "who", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
              { name: "when", type: "INT64", converted_type: "TIMESTAMP_MICROS", repetition_type: "REQUIRED" },
            ],
          });
          const file = yield* folder.write("shop.parquet", new Uint8Array(buffer));
          const summary = yield* importEvents({ events: file, user: "who", item: "what", timestamp: "when" });
          expect(summary).toMatchObject({ events: 1, rejectedEvents: 3 });
          expect((yield* rowsOf("raw/transactions")).map(({ timestamp }) => timestamp)).toEqual([1600732800]);
        }),
      { MAX_REJECTS: "90" },
    ),
  );

  it.effect("keeps bad events aside", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const bad = [
            "anna;1;tomorrow;view;",
            ";1;1600732800;view;",
            "anna;1;1600732800;like;",
            "anna;1;1600732800;;-1",
            "anna;1;0;view;",
            "anna;1;2202-01-01T00:00:00Z;view;",
          ];
          const file = yield* folder.write("shop.csv", `${events}\n${bad.join("\n")}\n`);
          const summary = yield* importEvents({ events: file, types, ...columns });
          expect(summary).toMatchObject({ events: 3, rejectedEvents: 6, users: 2 });
          expect(yield* rowsOf("raw/transactions")).toEqual(expected);
          const reasons = (yield* folder.read("rejected/shop.csv")).split("\n").map((line) => line.split(",")[1]);
          expect(reasons.slice(1, 7)).toEqual([
            '"when ""tomorrow"" is no unix time and no ISO date or time"',
            '"who is empty"',
            '"did ""like"" is not one of click',
            '"much -1 is less than 0"',
            '"when ""0"" is before 1971-01-01"',
            '"when ""2202-01-01T00:00:00Z"" is more than a day ahead"',
          ]);
        }),
      { MAX_REJECTS: "90" },
    ),
  );

  it.effect("names the flag whose column is missing, and the option that is malformed", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const missing = yield* failing(folder, { weight: "nope" });
        expect(missing.message).toMatch(/no column "nope", which --weight names; it has who, what, when, did, much/);
        const malformed = yield* failing(folder, { types: "buy=bought" });
        expect(malformed.message).toMatch(/"buy=bought" in --types .* click, add_to_cart, purchase/);
        const absent = yield* Effect.flip(importEvents({ events: `${folder.dataDir}/none.csv`, ...columns }));
        expect(absent).toMatchObject({ reason: "MissingFile" });
      }),
    ),
  );

  const movieLens = process.env.MOVIELENS_DIR;
  if (movieLens === undefined) {
    console.warn("skipped: the import of MovieLens, which needs MOVIELENS_DIR, the folder of ml-latest-small");
    it.skip("imports MovieLens and makes ratings of it (needs MOVIELENS_DIR)");
  } else {
    it.effect("imports MovieLens and makes ratings of it", () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const summary = yield* importEvents({
            events: `${movieLens}/ratings.csv`,
            user: "userId",
            item: "movieId",
            timestamp: "timestamp",
            items: `${movieLens}/movies.csv`,
            title: "title",
            category: "genres",
            group: "genres",
          });
          expect(summary.rejectedEvents + summary.rejectedItems).toBe(0);
          const { pairs, users, transactions } = yield* preprocess;
          expect(transactions).toBe(summary.events);
          expect(users).toBe(summary.users);
          const data = yield* readTrainingData();
          expect(data.itemIdx.length).toBe(pairs);
          const items = yield* readItems(data.snapshot);
          expect(items.find((item) => item.metadata.article_id === "1")?.metadata.prod_name).toBe("Toy Story (1995)");
          yield* popular;
          expect(folder.popular()?.items).toHaveLength(50);
        }),
      ),
    );
  }
});
