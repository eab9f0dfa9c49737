/** What people say of their files to `import`, and what it says of them. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Logger } from "effect";
import { parquetWriteBuffer } from "hyparquet-writer";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { type Folder, inFolder, rowsOf } from "../support/Folder.ts";

type Options = Omit<Parameters<typeof importEvents>[0], "events">;

const columns = { user: "user", item: "item" };
const timed = { ...columns, timestamp: "when" };

/** Imports a file of these lines; answers the summary and what was logged. */
const run = (folder: Folder, lines: ReadonlyArray<string>, options: Options) =>
  Effect.gen(function* () {
    const said: Array<string> = [];
    const logger = Logger.make(({ message }) => said.push(String(message)));
    const events = yield* folder.write("shop.csv", `${lines.join("\n")}\n`);
    const summary = yield* Effect.provide(importEvents({ events, ...options }), Logger.add(logger));
    return { summary, said };
  });

const messageOf = (folder: Folder, lines: ReadonlyArray<string>, options: Options) =>
  Effect.map(Effect.flip(run(folder, lines, options)), ({ message }) => message);

const when = (...times: ReadonlyArray<string>) => ["user,item,when", ...times.map((time, i) => `u${i},i${i},${time}`)];

describe("import", () => {
  it.effect("multiplies weights by quantities; what was returned weighs less than 0", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const options = { ...columns, quantity: "q", type: "did", types: "buy=purchase,view=click" };
        const lines = ["user,item,q,did", "a,x,3,buy", "a,x,-1,buy", "a,y,,buy", "b,y,1,view", "b,y,2,view"];
        const { summary } = yield* run(folder, lines, options);
        expect(summary).toMatchObject({ events: 5, rejectedEvents: 0 });
        expect((yield* rowsOf("raw/transactions")).map((row) => [row.event_type, row.weight])).toEqual([
          ["purchase", 3],
          ["purchase", -1],
          ["purchase", null],
          ["click", null],
          ["click", 0.2],
        ]);
        const weighted = ["user,item,q,w", "a,x,3,2", "a,x,-2,2", "a,x,-1,0", "a,x,1,5", "a,x,2,"];
        yield* run(folder, weighted, { ...columns, quantity: "q", weight: "w" });
        expect((yield* rowsOf("raw/transactions")).map((row) => row.weight)).toEqual([6, -4, -1, 5, 2]);
      }),
    ),
  );

  it.effect("rejects quantities of 0, and returns of what is no purchase", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const options = { ...columns, quantity: "q", type: "did" };
          const lines = ["user,item,q,did", "a,x,0,purchase", "a,x,-1,click", "a,x,many,click", "a,x,1,click"];
          expect((yield* run(folder, lines, options)).summary).toMatchObject({ events: 1, rejectedEvents: 3 });
          expect((yield* folder.read("rejected/shop.csv")).split("\n").slice(1, 4)).toEqual([
            '2,"q is 0, neither bought nor returned","a,x,0,purchase"',
            '3,"q ""-1"" of a click: only a purchase can be returned","a,x,-1,click"',
            '4,"q ""many"" is not a number","a,x,many,click"',
          ]);
        }),
      { MAX_REJECTS: "90" },
    ),
  );

  it.effect("leaves rows of an ignored type out, which are no rejects, and tells how many", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const lines = ["user,item,did", "a,x,purchase", ...Array.from({ length: 50 }, (_, i) => `u${i},x,wish`)];
        const options = { ...columns, type: "did", types: "wish=ignore" };
        const { summary, said } = yield* run(folder, lines, options);
        expect(summary).toMatchObject({ events: 1, rejectedEvents: 0, ignoredEvents: 50, users: 1 });
        expect(said.at(-1)).toMatch(
          /^Imported 1 events \(0 rejected, 50 ignored\) of 1 users and 1 items \(0 rejected\)/,
        );
        const more = [...Array.from({ length: 200 }, (_, i) => `u${i},x,purchase`), "a,x,nothing"];
        expect((yield* run(folder, [...lines, ...more], options)).summary).toMatchObject({
          events: 201,
          rejectedEvents: 1,
          ignoredEvents: 50,
        });
      }),
    ),
  );

  it.effect("keeps the tables where no row can be used", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* run(folder, ["user,item", "a,x"], columns);
        const before = yield* rowsOf("raw/transactions");
        expect(yield* messageOf(folder, ["user,item"], columns)).toMatch(/has no rows, so the tables stay as they are/);
        const ignored = { ...columns, type: "did", types: "wish=ignore" };
        expect(yield* messageOf(folder, ["user,item,did", "a,x,wish"], ignored)).toMatch(/no row .* \(1 ignored\)/);
        const items = yield* folder.write("items.csv", "item,name\n");
        expect(yield* messageOf(folder, ["user,item", "b,y"], { ...columns, items })).toMatch(/items\.csv has no rows/);
        expect(yield* rowsOf("raw/transactions")).toEqual(before);
      }),
    ),
  );

  it.effect("keeps the fullest row of an item, in the order of the file, and counts the others", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const items = yield* folder.write("items.csv", "item,name,kind\nx,,A\ny,Coat,\nx,Shirt,A\nx,Hat,A\ny,,\nz,,\n");
        const options = { ...columns, items, title: "name", group: "kind" };
        const { summary, said } = yield* run(folder, ["user,item", "a,x"], options);
        expect(summary).toMatchObject({ items: 3, duplicateItems: 3 });
        expect(said.at(-1)).toMatch(/3 items \(0 rejected, 3 duplicate\)/);
        const kept = (yield* rowsOf("raw/articles")).map((row) => [row.article_id, row.prod_name]);
        expect(kept).toEqual([
          ["x", "Shirt"],
          ["y", "Coat"],
          ["z", null],
        ]);
      }),
    ),
  );

  const hints: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
    [
      "a format",
      ["1/31/24 9:05", "12/1/23 10:00"],
      /written "M\/d\/yy H:mm" \(1\/31\/24 9:05\): say so by --time-format/,
    ],
    ["days without zeros", ["2024-1-31", "2024-12-1"], /written "yyyy-M-d" /],
    ["Oracle's days", ["15-JAN-24", "1-feb-24"], /written "d-MMM-yy" /],
    ["German days", ["31.01.2024", "1.2.2024"], /written "d\.M\.yyyy" /],
    ["days that may be months", ["1/2/2024", "3/4/2024"], /"M\/d\/yyyy" or "d\/M\/yyyy" .*: say which by/],
    ["Excel's days", ["45306.5", "45307"], /Excel's count of days \(45306\.5\): say --time-format excel/],
  ];
  for (const [name, times, expected] of hints) {
    it.effect(`says that a column seems to hold ${name}`, () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const message = yield* messageOf(folder, when(...times), timed);
          expect(message).toMatch(expected);
          // The format that was named reads the file.
          const format = /"([^"]*)" (?:\(|or)|(excel)/.exec(message.slice(message.indexOf("Column when")));
          const summary = yield* run(folder, when(...times), { ...timed, timeFormat: format?.[1] ?? format?.[2] });
          expect(summary.summary).toMatchObject({ events: times.length, rejectedEvents: 0 });
        }),
      ),
    );
  }

  it.effect("says nothing of times where they are not why rows are rejected", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const lines = ["user,item,when", ",x,2.1.2024", ",x,3.1.2024"];
        expect(yield* messageOf(folder, lines, { ...timed, timeFormat: "d.M.yyyy" })).not.toMatch(/Column when/);
        expect(yield* messageOf(folder, when("soon", "later"), timed)).not.toMatch(/Column when/);
      }),
    ),
  );

  it.effect("reads files without a header, and says so of a header that looks like a row", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const lines = ["17,x,2024-01-15", "18,y,2024-01-16"];
        const byNumber = { user: "1", item: "2", timestamp: "3" };
        expect((yield* run(folder, lines, { ...byNumber, header: false })).summary).toMatchObject({ events: 2 });
        expect(yield* messageOf(folder, lines, columns)).toMatch(/no column "user".*say --no-header .*--user 1/);
        const named = yield* run(folder, lines, { user: "17", item: "x" });
        expect(named.said[0]).toMatch(/first line of .* looks like a row \(17, x, 2024-01-15\).* --no-header/);
      }),
    ),
  );

  it.effect("takes the fraction off ids where all of a column are whole numbers", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const idsOf = (lines: ReadonlyArray<string>) =>
          Effect.gen(function* () {
            yield* run(folder, lines, columns);
            return (yield* rowsOf("raw/transactions")).map((row) => row.customer_id);
          });
        const many = Array.from({ length: 1200 }, (_, i) => `${i}.0,x`);
        expect(yield* idsOf(["user,item", "17850.0,x", "13047.0,y"])).toEqual(["17850", "13047"]);
        expect((yield* idsOf(["user,item", ...many, "x1,x"])).slice(-2)).toEqual(["1199.0", "x1"]);
      }),
    ),
  );

  it.effect("warns of an id with more than a third of all events, and of items that hardly match", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const items = yield* folder.write("items.csv", "item\n0\n10\n11\n");
        const lines = ["user,item", ...Array.from({ length: 60 }, (_, i) => `${i % 2 ? i : "guest"},${i % 5}`)];
        const { said } = yield* run(folder, lines, { ...columns, items });
        expect(said).toEqual([
          expect.stringMatching(/^"guest" in column user has 30 of 60 events/),
          expect.stringMatching(/^1 of the events' 5 items are in the items file, the others are never recommended/),
          expect.stringMatching(/^Imported 60 events/),
        ]);
      }),
    ),
  );

  it.effect("says that ids would match but for leading zeros", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const items = yield* folder.write("items.csv", "item\n0108775015\n0108775044\n00A1\n");
        const { said } = yield* run(folder, ["user,item", "a,108775015", "b,108775044", "b,a1"], { ...columns, items });
        expect(said[0]).toMatch(/^0 of the events' 3 items are in the items file.* 3 are but for leading zeros/);
      }),
    ),
  );

  it.effect("names what it does not know of a time format, before it reads", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const message = yield* messageOf(folder, when("1.2.2024"), { ...timed, timeFormat: "dd.QQ.yyyy" });
        expect(message).toMatch(/^--time-format has "QQ", which is not known; known are yyyy yy MM/);
      }),
    ),
  );

  it.effect("says of files that are no CSV what they are", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        for (const [content, said] of [
          ['{"user": 1}', /is JSON; write it as CSV or Parquet/],
          ['[\n  {"user": 1}]', /is JSON/],
          ["<!DOCTYPE html><table>", /is HTML or XML/],
          ["PK\u0003\u0004rest", /is a zip archive.*Excel workbook/],
          ["\u00ff\u00fe\u0000\u0000u\u0000\u0000\u0000", /is UTF-32; save it as UTF-8/],
          ["ARROW1\u0000\u0000", /is an Arrow or Feather file/],
          ["PARErest", /is an encrypted Parquet file/],
        ] as const) {
          const events = yield* folder.write("shop.csv", new Uint8Array(Buffer.from(content, "latin1")));
          const error = yield* Effect.flip(importEvents({ events, ...columns }));
          expect(error).toMatchObject({ reason: "Unreadable", message: expect.stringMatching(said) });
        }
      }),
    ),
  );

  it.effect("names a file's columns in a message that stays one to read", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const names = ["x".repeat(10_000), "", ...Array.from({ length: 3000 }, (_, i) => `c${i}`)];
        const message = yield* messageOf(folder, [names.join(",")], columns);
        expect(message).toMatch(/no column "user", .*; it has x{60}…, \(unnamed\), c0, .*, c37 and 2962 more\./);
        expect(message.length).toBeLessThan(500);
      }),
    ),
  );

  it.effect("reads a file with a line longer than the engine takes at once", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const lines = ["user,item,note", "a,x,", `b,y,${"z".repeat(33 << 20)}`, "c,z,"];
          const { summary } = yield* run(folder, lines, columns);
          expect(summary).toMatchObject({ events: 2 });
          expect((yield* rowsOf("raw/transactions")).map((row) => row.customer_id)).toEqual(["a", "c"]);
        }),
      { MAX_REJECTS: "99" },
    ),
  );

  it.effect("counts a line of many megabytes, of garbage or an unclosed quote, as one reject with its place", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const long = `"${"z,".repeat(4 << 20)}`;
          const { summary } = yield* run(folder, ["user,item,note", "a,x,", `b,y,${long}`, "c,z,", ",w,"], columns);
          expect(summary).toMatchObject({ events: 2, rejectedEvents: 2 });
          expect((yield* rowsOf("raw/transactions")).map((row) => row.customer_id)).toEqual(["a", "c"]);
          expect((yield* folder.read("rejected/shop.csv")).split("\n").slice(1)).toEqual([
            expect.stringMatching(/^3,"the line has 8388613 characters, more than 2000000: .*","b,y,.{900,1100}…"$/),
            '5,"user is empty",",w,"',
            "",
          ]);
        }),
      { MAX_REJECTS: "99" },
    ),
  );

  it.effect(
    "reads quotes escaped by a backslash, as MySQL and Hive write them, wherever the first is, and says so",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const escaped = ['"a \\"b\\", c","x\\\\y"', '"\\"","z"', '"d\\e","w"'];
          const plain = Array.from({ length: 80_000 }, (_, i) => `"user ${i}","item"`);
          for (const before of [[], plain]) {
            const { summary, said } = yield* run(folder, ['"user","item"', ...before, ...escaped], columns);
            expect(summary).toMatchObject({ events: before.length + 3, rejectedEvents: 0 });
            expect(
              (yield* rowsOf("raw/transactions")).slice(-3).map((row) => [row.customer_id, row.article_id]),
            ).toEqual([
              ['a "b", c', "x\\y"],
              ['"', "z"],
              ["d\\e", "w"],
            ]);
            expect(said.filter((text) => text.includes("backslash"))).toEqual([
              expect.stringMatching(/shop\.csv escapes quotes by a backslash/),
            ]);
          }
        }),
      ),
  );

  it.effect("takes a line almost as long as may be, row by row", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const lines = ["user,item,note", `b,y,"${"é".repeat(1_900_000)}"`, "c,z,", ",w,"];
          const { summary } = yield* run(folder, lines, columns);
          expect(summary).toMatchObject({ events: 2, rejectedEvents: 1 });
        }),
      { MAX_REJECTS: "99" },
    ),
  );

  it.effect("reads such a file without a header, and does not ask for --no-header again", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const { said } = yield* run(folder, ['"a","5\\" pipe"', '"b","x"'], { user: "1", item: "2", header: false });
        expect((yield* rowsOf("raw/transactions")).map((row) => row.article_id)).toEqual(['5" pipe', "x"]);
        expect(said).toEqual([expect.stringMatching(/backslash/), expect.stringMatching(/^Imported 2 events/)]);
      }),
    ),
  );

  it.effect("rejects rows with such quotes where others double them, and MySQL's word for no value", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const lines = ["user,item", '"a ""b""",x', '"a \\"b\\"",x', "\\N,x", '"C:\\",x'];
          const { summary } = yield* run(folder, lines, columns);
          expect(summary).toMatchObject({ events: 2, rejectedEvents: 2 });
          expect((yield* rowsOf("raw/transactions")).map((row) => row.customer_id)).toEqual(['a "b"', "C:\\"]);
          expect((yield* folder.read("rejected/shop.csv")).split("\n").slice(1, 3)).toEqual([
            expect.stringMatching(
              /^3,"it has \\"" where other rows double quotes .*write quotes .* doubled in all rows"/,
            ),
            expect.stringMatching(/^4,"user ""\\N"" stands for no value"/),
          ]);
        }),
      { MAX_REJECTS: "99" },
    ),
  );

  it.effect("says how to write numbers with decimal commas or separated thousands", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const cells = ["12,50", "1.234,50", "1,234.50", "1'234", ",5", "12.5", "12x"];
          const lines = ["user;item;weight", ...cells.map((cell) => `a;x;${cell}`)];
          const { summary } = yield* run(folder, lines, { ...columns, weight: "weight" });
          expect(summary).toMatchObject({ events: 1, rejectedEvents: 6 });
          const said = (yield* folder.read("rejected/shop.csv")).split("\n").slice(1, -1);
          for (const [i, cell] of cells.slice(0, 5).entries()) {
            expect(said[i]).toMatch(`"weight ""${cell}"" is not a number: write decimals behind a point`);
          }
          expect(said[5]).toBe('8,"weight ""12x"" is not a number","a;x;12x"');
        }),
      { MAX_REJECTS: "99" },
    ),
  );

  it.effect("names the files of rejected rows, one for each file read, whether it goes on without them or not", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const items = yield* folder.write("other/shop.csv.gz", "item,name\nx,Shirt\ny,Hat\n,Sock\n");
          const lines = ["user,item", "a,x", "b,y", ",y"];
          const { said } = yield* run(folder, lines, { ...columns, items });
          const [events, others] = ["transactions", "articles"].map((name) => `rejected/shop-${name}.csv`);
          expect(said.at(-1)).toMatch(
            new RegExp(`^Imported 2 events .* s\\. The rejected rows, .*/${events} and /.*/${others}\\.$`),
          );
          expect(yield* folder.read(events!)).toMatch(/\n4,"user is empty",",y"\n$/);
          expect(yield* folder.read(others!)).toMatch(/\n4,"item is empty",",Sock"\n$/);

          const alone = yield* run(folder, lines, columns);
          expect(alone.said.at(-1)).toMatch(/are in \/.*\/rejected\/shop\.csv\.$/);
          const good = yield* run(folder, lines.slice(0, 3), columns);
          expect(good.said.at(-1)).toMatch(/ s\.$/);
          expect(yield* messageOf(folder, ["user,item", ",y", "b,"], columns)).toMatch(
            /more than the 60 % .*They are in \/.*\/rejected\/shop\.csv, with their lines/,
          );
          const ignored = { ...columns, type: "did", types: "wish=ignore" };
          const wishes = ["user,item,did", "a,x,wish", ",x,buy"];
          expect(yield* messageOf(folder, wishes, ignored)).toMatch(
            /\(1 were rejected, 1 ignored\).* are in \/.*\/rejected\/shop\.csv\./,
          );
        }),
      { MAX_REJECTS: "60" },
    ),
  );

  it.effect("says of decimals of more than 38 digits what they are and what to do", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const importOf = (precision: number, value: bigint) =>
          Effect.gen(function* () {
            const decimal = {
              type: "FIXED_LEN_BYTE_ARRAY",
              type_length: precision > 38 ? 17 : 16,
              converted_type: "DECIMAL",
            } as const;
            const buffer = parquetWriteBuffer({
              columnData: [
                { name: "user", data: [value, value + 1n] },
                { name: "item", data: ["x", "y"] },
              ],
              schema: [
                { name: "root", num_children: 2 },
                { name: "user", ...decimal, precision, scale: 0, repetition_type: "REQUIRED" },
                { name: "item", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
              ],
            });
            const events = yield* folder.write("shop.parquet", new Uint8Array(buffer));
            yield* importEvents({ events, ...columns });
            return (yield* rowsOf("raw/transactions")).map((row) => row.customer_id);
          });
        for (const value of [10n ** 38n, 17n]) {
          expect((yield* Effect.flip(importOf(40, value))).message).toMatch(
            /column user of .*shop\.parquet holds decimals of 40 digits, .* cast it to text, or to decimal\(38\)/,
          );
        }
        expect(yield* importOf(38, 10n ** 37n)).toEqual([String(10n ** 37n), String(10n ** 37n + 1n)]);
      }),
    ),
  );

  it.effect("decodes what --encoding names, though not what a byte order mark contradicts", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const text = "user,item\ncafé,x\ncafè,x\n";
        const latin = yield* folder.write("latin.csv", new Uint8Array(Buffer.from(text, "latin1")));
        const marked = yield* folder.write("marked.csv", `\ufeff${text}`);
        const wide = yield* folder.write("wide.csv", new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le")));
        const failed = yield* Effect.flip(importEvents({ events: latin, ...columns }));
        expect(failed.message).toMatch(/not UTF-8: line 2 has the byte 0xe9 after "caf"\. .* --encoding/);
        for (const [events, encoding] of [
          [latin, "windows-1252"],
          [marked, "windows-1252"],
          [wide, undefined],
        ] as const) {
          yield* importEvents({ events, ...columns, encoding });
          expect((yield* rowsOf("raw/transactions")).map((row) => row.customer_id)).toEqual(["café", "cafè"]);
        }
        const unknown = yield* Effect.flip(importEvents({ events: marked, ...columns, encoding: "latin9x" }));
        expect(unknown.message).toMatch(/--encoding latin9x is not known/);
      }),
    ),
  );
});
