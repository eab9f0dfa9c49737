/** What becomes of the columns of an items file: CSV, Parquet, and H&M's articles.csv. */
import { readFile } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { parquetWriteBuffer } from "hyparquet-writer";
import { eachItemRow } from "../../src/datasets/ItemRows.ts";
import { itemsFile } from "../../src/datasets/ItemsFile.ts";
import type { Fields } from "../../src/domain/ItemRecord.ts";
import { csvToDelta } from "../../src/intake/CsvToDelta.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { type Folder, inFolder } from "../support/Folder.ts";

const events = "user,item,time\nann,007,2024-01-02\n";
const columns = { user: "user", item: "item", timestamp: "time" };

const fieldsById = Effect.gen(function* () {
  const found: Record<string, Fields> = {};
  yield* eachItemRow((yield* itemsFile()) ?? -1, (id, fields) => {
    found[id] = fields();
  });
  return found;
});

const imported = (folder: Folder, items: string | Uint8Array, flags: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const given = { events: yield* folder.write("events.csv", events), items: yield* folder.write("items", items) };
    const summary = yield* importEvents({ ...given, ...columns, ...flags });
    return { summary, fields: yield* fieldsById };
  });

describe("the columns of an items file", () => {
  it.effect("of CSV are typed as seen: numbers, booleans, times, lists of texts, texts", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const file = [
          "item,title,available,valid_until,kind,price,code,big,sale,since,tags,mixed,when,note",
          `007,Tent,true,2030-01-01,Camp,19.50,0042,123456789012345678,True,2024-05-06 07:08:09,"[""red"",""a \\""b\\""""]",1,2024-05-06,`,
          `7,"Lamp, blue",false,,Home,1e3,1042,1,false,NA,[],x,2024-05-07T08:00:00+02:00," wide "`,
          "8,,,,,,,,,,,,,",
        ].join("\n");
        const { fields } = yield* imported(folder, file, { category: "kind" });
        expect(fields).toEqual({
          "007": {
            title: "Tent",
            available: true,
            valid_until: "2030-01-01T00:00:00Z",
            product_type_name: undefined,
            "attributes.product_type_name": "Camp",
            "attributes.kind": "Camp",
            "attributes.price": 19.5,
            "attributes.code": "0042",
            "attributes.big": "123456789012345678",
            "attributes.sale": true,
            "attributes.since": "2024-05-06T07:08:09Z",
            "attributes.tags": ["red", 'a "b"'],
            "attributes.mixed": "1",
            "attributes.when": "2024-05-06T00:00:00Z",
          },
          "7": {
            title: "Lamp, blue",
            available: false,
            "attributes.product_type_name": "Home",
            "attributes.kind": "Home",
            "attributes.price": 1000,
            "attributes.code": "1042",
            "attributes.big": "1",
            "attributes.sale": false,
            "attributes.tags": [],
            "attributes.mixed": "x",
            "attributes.when": "2024-05-07T06:00:00Z",
            "attributes.note": "wide",
          },
          "8": {},
        });
      }),
    ),
  );

  it.effect("of CSV with rows that cannot be used are typed by the others; flags name columns of other names", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const file = [
            "item,name,price,on,title,available,valid_from",
            "1,Tent,5,yes,a,in stock,soon",
            "2,Lamp,6",
            "3,Bed,7,perhaps,b,sold out,soon",
            ",Chair,8,no,c,,",
            "4,Desk,9,0,d,,",
          ].join("\n");
          const { fields, summary } = yield* imported(folder, file, { title: "name", available: "on" });
          expect(summary).toMatchObject({ items: 2, rejectedItems: 3 });
          const reasons = (yield* folder.read("rejected/items.csv")).split("\n").map((line) => line.split(",")[1]);
          expect(reasons.slice(1, 4)).toEqual([
            '"it has 3 cells',
            '"on ""perhaps"" is neither true nor false: write true',
            '"item is empty"',
          ]);
          expect(fields).toEqual({
            "1": {
              title: "Tent",
              available: true,
              "attributes.price": 5,
              "attributes.title": "a",
              "attributes.available": "in stock",
              "attributes.valid_from": "soon",
            },
            "4": { title: "Desk", available: false, "attributes.price": 9, "attributes.title": "d" },
          });
        }),
      { MAX_REJECTS: "90" },
    ),
  );

  it.effect("of Parquet are what their types say, and left out where they are none of ours", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const buffer = parquetWriteBuffer({
          columnData: [
            { name: "item", data: ["007", "8"], type: "STRING" },
            { name: "digits", data: ["12", "13"], type: "STRING" },
            { name: "price", data: [1.5, Number.NaN], type: "DOUBLE" },
            { name: "count", data: [3n, 4n], type: "INT64" },
            { name: "sale", data: [true, null], type: "BOOLEAN" },
            { name: "since", data: [new Date("2024-05-06T07:08:09.120Z"), null], type: "TIMESTAMP" },
            { name: "valid_from", data: [new Date("2024-05-06T00:00:00Z"), null], type: "TIMESTAMP" },
          ],
        });
        const { fields } = yield* imported(folder, new Uint8Array(buffer));
        expect(fields).toEqual({
          "007": {
            valid_from: "2024-05-06T00:00:00Z",
            "attributes.digits": "12",
            "attributes.price": 1.5,
            "attributes.count": 3,
            "attributes.sale": true,
            "attributes.since": "2024-05-06T07:08:09.120Z",
          },
          "8": { "attributes.digits": "13", "attributes.count": 4 },
        });
      }),
    ),
  );

  it.effect("of Parquet are lists where they are of texts; columns of other lists and of structures are left out", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = yield* folder.write("lists.parquet", "");
        yield* Effect.promise(async () => {
          const connection = await (await DuckDBInstance.create(":memory:")).connect();
          await connection.run(
            `COPY (SELECT '007' AS item, ['a', NULL, 'b"c'] AS tags, [1.5, 2] AS vector, {x: 1} AS size, 9007199254740993 AS big
             UNION ALL SELECT '8', NULL, NULL, NULL, 1) TO '${path}' (FORMAT parquet)`,
          );
        });
        const { fields } = yield* imported(folder, yield* Effect.promise(() => readFile(path)));
        expect(fields).toEqual({
          "007": { "attributes.tags": ["a", 'b"c'], "attributes.big": "9007199254740993" },
          "8": { "attributes.big": "1" },
        });
      }),
    ),
  );

  it.effect("of H&M's articles.csv beside its own are attributes, too, and its numbers numbers", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* folder.write("raw/customers.csv", "customer_id\nann\n");
        yield* folder.write(
          "raw/transactions_train.csv",
          "t_dat,customer_id,article_id,price,sales_channel_id\n2020-09-22,ann,0108775015,0.05,1\n",
        );
        const head =
          "article_id,prod_name,product_type_no,product_type_name,product_group_name,graphical_appearance_name,colour_group_code,index_group_name";
        yield* folder.write(
          "raw/articles.csv",
          [
            `${head},price,tags,available`,
            '0108775015,Strap top,253,Vest top,Garment Upper body,Solid,09,Ladieswear,9.99,"[""sale""]",false',
            "0108775044,,,,,,,,,,",
          ].join("\n"),
        );
        yield* csvToDelta;
        expect(yield* fieldsById).toEqual({
          "0108775015": {
            title: "Strap top",
            available: false,
            "attributes.product_type_no": 253,
            "attributes.product_type_name": "Vest top",
            "attributes.product_group_name": "Garment Upper body",
            "attributes.graphical_appearance_name": "Solid",
            "attributes.colour_group_code": "09",
            "attributes.index_group_name": "Ladieswear",
            "attributes.price": 9.99,
            "attributes.tags": ["sale"],
          },
          "0108775044": {},
        });
      }),
    ),
  );
});
