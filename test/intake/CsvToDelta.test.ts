import { gzipSync } from "node:zlib";
import { FileSystem } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { csvToDelta } from "../../src/intake/CsvToDelta.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { type Folder, inFolder, rowsOf } from "../support/Folder.ts";

const articles = [
  "article_id,product_code,prod_name,product_type_name,product_group_name,graphical_appearance_name,index_group_name,detail_desc",
  '0108775015,108775,Strap top,Vest top,Garment Upper body,Solid,Ladieswear,"Jersey top, with ""narrow""\nstraps."',
  "0108775044,108775,Strap top,Vest top,Garment Upper body,Stripe,Ladieswear,",
].join("\n");
const customers =
  "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code\nu1,1.0,,ACTIVE,Regularly,49.0,52043\nu2,,,,,,\n";
const header = "t_dat,customer_id,article_id,price,sales_channel_id";
const transactions = `${header}\n2018-09-20,u1,0108775015,0.0508,2\n2018-09-21,u2,0108775044,,1\n`;

const files = (folder: Folder, given: { transactions?: string; articles?: string; customers?: string } = {}) =>
  Effect.all([
    folder.write("raw/transactions_train.csv", given.transactions ?? transactions),
    folder.write("raw/articles.csv", given.articles ?? articles),
    folder.write("raw/customers.csv", given.customers ?? customers),
  ]);

const day = (text: string) => Date.parse(text) / 86_400_000;
const expected = [
  { t_dat: day("2018-09-20"), customer_id: "u1", article_id: "0108775015", price: 0.0508, sales_channel_id: 2 },
  { t_dat: day("2018-09-21"), customer_id: "u2", article_id: "0108775044", price: null, sales_channel_id: 1 },
].map((row) => ({ ...row, event_type: null, timestamp: null, weight: null }));

describe("CsvToDelta", () => {
  it.effect("reads the three files: ids, days, numbers, empty cells, quoted text", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* files(folder);
        const summary = yield* csvToDelta;
        expect(yield* rowsOf("raw/transactions")).toEqual(expected);
        const [first, second] = yield* rowsOf("raw/articles");
        expect(first).toMatchObject({
          article_id: "0108775015",
          product_code: "108775",
          index_group_name: "Ladieswear",
          section_name: null,
          listed: true,
          detail_desc: 'Jersey top, with "narrow"\nstraps.',
        });
        expect(second.detail_desc).toBeNull();
        expect(yield* rowsOf("raw/customers")).toEqual([
          {
            customer_id: "u1",
            FN: 1,
            Active: null,
            club_member_status: "ACTIVE",
            fashion_news_frequency: "Regularly",
            age: 49,
            postal_code: "52043",
          },
          {
            customer_id: "u2",
            FN: null,
            Active: null,
            club_member_status: null,
            fashion_news_frequency: null,
            age: null,
            postal_code: null,
          },
        ]);
        expect(summary.transactions).toMatchObject({ rows: 2, rejected: 0 });
        expect(yield* folder.exists("rejected")).toBe(false);
      }),
    ),
  );

  const quirks: ReadonlyArray<readonly [string, string]> = [
    ["the leading zero lost", transactions.replaceAll("0108775", "108775")],
    [
      "an unnamed index column in front",
      transactions
        .trim()
        .split("\n")
        .map((line, i) => (i === 0 ? `,${line}` : `${i - 1},${line}`))
        .join("\n"),
    ],
    [
      "columns in another order and one more",
      "price,article_id,extra,sales_channel_id,t_dat,customer_id\n0.0508,0108775015,x,2,2018-09-20,u1\n,0108775044,,1,2018-09-21,u2\n",
    ],
    ["a byte order mark and CRLF", `\ufeff${transactions.replaceAll("\n", "\r\n")}`],
    ["every cell quoted", transactions.replaceAll(/[^,\n]+/g, '"$&"')],
    ["semicolons", transactions.replaceAll(",", ";")],
    ["empty lines and no line end at the end", `${transactions.replace("\n2018-09-21", "\n\n2018-09-21").trim()}`],
  ];
  for (const [name, text] of quirks) {
    it.effect(`reads the same from a file with ${name}`, () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          yield* files(folder, { transactions: text });
          yield* csvToDelta;
          expect(yield* rowsOf("raw/transactions")).toEqual(expected);
        }),
      ),
    );
  }

  it.effect("reads gzip, of several members and larger than one piece", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* files(folder, { transactions: "" });
        yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.remove(`${folder.dataDir}/raw/transactions_train.csv`));
        const half = "2018-09-20,u1,0108775015,0.0508,2\n".repeat(40_000);
        const packed = Buffer.concat([gzipSync(`${header}\n${half}`), gzipSync(half)]);
        yield* folder.write("raw/transactions_train.csv.gz", packed);
        expect((yield* csvToDelta).transactions.rows).toBe(80_000);

        yield* folder.write("raw/transactions_train.csv.gz", packed.subarray(0, packed.length - 500));
        const error = yield* Effect.flip(csvToDelta);
        expect(error).toMatchObject({ _tag: "InputError", reason: "Unreadable" });
        expect(error.message).toMatch(/transactions_train\.csv\.gz is a damaged or truncated gzip file/);
      }),
    ),
  );

  it.effect("names the file that is missing, and the remedy, before anything is written", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* folder.write("raw/articles.csv", articles);
        yield* folder.write("raw/customers.csv", customers);
        const error = yield* Effect.flip(csvToDelta);
        expect(error).toMatchObject({ _tag: "InputError", reason: "MissingFile" });
        expect(error.message).toMatch(/transactions_train\.csv is missing.*generate.*import/);
        expect(yield* Effect.flip(rowsOf("raw/articles"))).toMatchObject({ reason: "NotFound" });
      }),
    ),
  );

  it.effect("names the column that is missing, and those that were found", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* files(folder, { transactions: ",t_dat,customer_id,price,sales_channel_id\n0,2018-09-20,u1,1,2\n" });
        const error = yield* Effect.flip(csvToDelta);
        expect(error).toMatchObject({ _tag: "InputError", reason: "MissingColumn" });
        expect(error.message).toMatch(
          /transactions_train\.csv lacks the column article_id; it has \(unnamed\), t_dat, customer_id, price/,
        );
      }),
    ),
  );

  it.effect("keeps bad rows aside with line and reason, in place of an earlier run's", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const bad = [
            "2018-02-30,u1,0108775015,0.1,2",
            "2018-09-20,,0108775015,0.1,2",
            "2018-09-20,u1,,0.1,2",
            "2018-09-20,u1,12a,0.1,2",
            "2018-09-20,u1,0108775015,cheap,2",
            "2018-09-20,u1,0108775015,0.1,1.5",
            "2018-09-20,u1,0108775015,0.1",
            '2018-09-20,"u1,0108775015,0.1,2',
          ];
          yield* files(folder, { transactions: `${transactions}${bad.join("\n")}\n` });
          const summary = yield* csvToDelta;
          expect(summary.transactions).toMatchObject({ rows: 10, rejected: 8 });
          expect(yield* rowsOf("raw/transactions")).toEqual(expected);
          expect((yield* folder.read("rejected/transactions_train.csv")).split("\n")).toEqual([
            "line,reason,row",
            '4,"t_dat ""2018-02-30"" is not a day written YYYY-MM-DD","2018-02-30,u1,0108775015,0.1,2"',
            '5,"customer_id is empty","2018-09-20,,0108775015,0.1,2"',
            '6,"article_id is empty","2018-09-20,u1,,0.1,2"',
            '7,"article_id ""12a"" is not a whole number","2018-09-20,u1,12a,0.1,2"',
            '8,"price ""cheap"" is not a number","2018-09-20,u1,0108775015,cheap,2"',
            '9,"sales_channel_id ""1.5"" is not a whole number","2018-09-20,u1,0108775015,0.1,1.5"',
            '10,"it has 4 cells, the header 5","2018-09-20,u1,0108775015,0.1"',
            '11,"a quote is opened and not closed","2018-09-20,""u1,0108775015,0.1,2"',
            "",
          ]);
          yield* files(folder);
          yield* csvToDelta;
          expect(yield* folder.exists("rejected/transactions_train.csv")).toBe(false);
        }),
      { MAX_REJECTS: "80" },
    ),
  );

  it.effect("takes no transaction of before 1971 or of more than a day ahead", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const dayAt = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
          const far = dayAt(3);
          const rows = [
            `1970-12-31,u1,0108775015,0.1,2,`,
            `1971-01-01,u1,0108775015,0.1,2,`,
            `2202-01-01,u1,0108775015,0.1,2,`,
            `${far},u1,0108775015,0.1,2,`,
            `${dayAt(1)},u1,0108775015,0.1,2,`,
            `2018-09-20,u1,0108775015,0.1,2,0`,
            `2018-09-20,u1,0108775015,0.1,2,1537401600000`,
            `2018-09-20,u1,0108775015,0.1,2,1537401600`,
          ];
          yield* files(folder, { transactions: `${header},timestamp\n${rows.join("\n")}\n` });
          yield* csvToDelta;
          const reasons = (yield* folder.read("rejected/transactions_train.csv")).split("\n").slice(1, -1);
          expect(reasons.map((line) => line.replace(/"[^"]*"$/, ""))).toEqual([
            '2,"t_dat ""1970-12-31"" is before 1971-01-01",',
            '4,"t_dat ""2202-01-01"" is more than a day ahead",',
            `5,"t_dat ""${far}"" is more than a day ahead",`,
            '7,"timestamp 0 is before 1971-01-01: unix seconds are wanted",',
            '8,"timestamp 1537401600000 is more than a day ahead: unix seconds are wanted",',
          ]);
          expect((yield* rowsOf("raw/transactions")).map(({ timestamp }) => timestamp)).toEqual([
            null,
            null,
            1537401600,
          ]);
        }),
      { MAX_REJECTS: "80" },
    ),
  );

  it.effect("stops above the limit and leaves the table as it was", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* files(folder);
        yield* csvToDelta;
        const good = "2018-09-20,u1,0108775015,0.1,2\n";
        yield* files(folder, { transactions: `${header}\n${good.repeat(98)}x\ny\n` });
        const error = yield* Effect.flip(csvToDelta);
        expect(error).toMatchObject({ _tag: "InputError", reason: "TooManyRejects" });
        expect(error.message).toMatch(
          /2 of 100 rows .*\(2\.0 %\).*more than the 1 % that --max-rejects allows.*line 100/,
        );
        expect(yield* rowsOf("raw/transactions")).toEqual(expected);
        expect((yield* Effect.flatMap(Tables, (tables) => tables.snapshot("raw/transactions"))).version).toBe(0);

        yield* files(folder, { transactions: `${header}\n${good.repeat(99)}x\n` });
        expect((yield* csvToDelta).transactions).toMatchObject({ rows: 100, rejected: 1 });
      }),
    ),
  );

  it.effect("gives up a hopeless file early", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* files(folder, { transactions: `${header}\n${"not,a,transaction,at,all\n".repeat(400_000)}` });
        const error = yield* Effect.flip(csvToDelta);
        const read = Number(/of (\d+) rows/.exec(error.message)?.[1]);
        expect(read).toBeLessThan(200_000);
      }),
    ),
  );
});
