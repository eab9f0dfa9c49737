/** The straight way and the row-by-row way give equal tables: a row that cannot be used, at the end, forces the second. */
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import * as fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { Progress, type ProgressService } from "../../src/ports/Progress.ts";
import { inFolder, rowsOf } from "../support/Folder.ts";

const id = fc
  .string({ unit: fc.constantFrom("a", "7", "é", "🛍", '"', ",", ";", " ", ".0", "\\", "\n", "'", "-", "|") })
  .map((text) => `x${text}`.replaceAll("\n", " ").trim());
const time = fc.oneof(
  fc.integer({ min: 31_536_000, max: 1_700_000_000 }).map(String),
  fc
    .date({ min: new Date("1971-01-01"), max: new Date("2023-11-14"), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom("2023-01-02", "20230102", "20230102103000", "2023-01-02 10:30:15", "1.6e9"),
);
const row = fc.record({
  user: id,
  item: id,
  when: time,
  type: fc.constantFrom("click", "buy", "", "purchase", "wish"),
  weight: fc.constantFrom("", "0", "2.5", "1e3"),
  quantity: fc.constantFrom("", "1", "3", "0.5"),
});
type Row = Readonly<Record<"user" | "item" | "when" | "type" | "weight" | "quantity", string>>;

const columns = { user: "user", item: "item", timestamp: "when", type: "type", weight: "weight", quantity: "quantity" };
const names = Object.keys(columns).map((key) => (key === "timestamp" ? "when" : key)) as ReadonlyArray<keyof Row>;

/** Some cells quoted that need not be. */
const csvOf = (rows: ReadonlyArray<Row>, delimiter: string, end: string): string =>
  [names, ...rows.map((one) => names.map((name) => one[name]))]
    .map((cells, line) =>
      cells
        .map((cell, i) => (/[";,|\r\n]/.test(cell) || (line + i) % 5 === 4 ? `"${cell.replaceAll('"', '""')}"` : cell))
        .join(delimiter),
    )
    .join(end) + end;

const parquetOf = (rows: ReadonlyArray<Row>) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: names.map((name) => ({ name, data: rows.map((one) => one[name]), type: "STRING" as const })),
      rowGroupSize: 7,
    }),
  );

const bad: Row = { user: "", item: "x", when: "1600000000", type: "", weight: "", quantity: "" };

/** A Progress that keeps the labels of its tasks. */
const watched = Effect.map(Progress, (silent) => {
  const labels: Array<string> = [];
  const watching: ProgressService = {
    ...silent,
    task: (options) =>
      Effect.zipRight(
        Effect.sync(() => labels.push(options.label)),
        silent.task(options),
      ),
  };
  return { labels, watching };
});

/** The table that a file becomes, and whether it was read row by row. */
const read = (file: string) =>
  Effect.gen(function* () {
    const { labels, watching } = yield* watched;
    const importing = importEvents({ events: file, ...columns, types: "buy=purchase,wish=ignore" });
    yield* Effect.provideService(importing, Progress, watching);
    return { rows: yield* rowsOf("raw/transactions"), byRow: labels.some((label) => label.includes("row by row")) };
  });

const settings = { MAX_REJECTS: "100" };

describe("The ways to read a file", () => {
  it.effect("give the same table of CSV", () =>
    inFolder(
      (folder) =>
        Effect.forEach(fc.sample(fc.array(row, { minLength: 1, maxLength: 200 }), 6), (some, i) =>
          Effect.gen(function* () {
            const rows = [...some, { ...bad, user: "last" }];
            const [delimiter, end] = [[",", ";", "|"][i % 3]!, i % 2 === 0 ? "\n" : "\r\n"];
            const straight = yield* read(yield* folder.write("a.csv", csvOf(rows, delimiter, end)));
            const byRow = yield* read(yield* folder.write("b.csv", csvOf([...rows, bad], delimiter, end)));
            expect([straight.byRow, byRow.byRow]).toEqual([false, true]);
            expect(straight.rows).toEqual(byRow.rows);
          }),
        ),
      settings,
    ),
  );

  it.effect("give the same table of Parquet", () =>
    inFolder(
      (folder) =>
        Effect.forEach(fc.sample(fc.array(row, { minLength: 1, maxLength: 200 }), 3), (some) =>
          Effect.gen(function* () {
            const rows = [...some, { ...bad, user: "last" }];
            const straight = yield* read(yield* folder.write("a.parquet", parquetOf(rows)));
            const byRow = yield* read(yield* folder.write("b.parquet", parquetOf([...rows, bad])));
            expect([straight.byRow, byRow.byRow]).toEqual([false, true]);
            expect(straight.rows).toEqual(byRow.rows);
          }),
        ),
      settings,
    ),
  );

  it.effect("take records of several lines, wherever they begin, without reading row by row", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const first = Array.from({ length: 90_000 }, (_, i) => `item ${i},name ${i}\n`);
        // More than the engine's threads take at a time.
        const lines = 'of "many"\nlines, '.repeat(100);
        const late = Array.from({ length: 20_000 }, (_, i) => `late ${i},"${lines.replaceAll('"', '""')}${i}"\n`);
        const items = yield* folder.write("items.csv", `item,name\n${[...first, ...late].join("")}`);
        const events = yield* folder.write("shop.csv", "user,item\na,x\n");
        const { labels, watching } = yield* watched;
        const importing = importEvents({ events, items, user: "user", item: "item", title: "name" });
        const summary = yield* Effect.provideService(importing, Progress, watching);
        expect(labels).toEqual(["shop.csv", "items.csv", "items.csv"]);
        expect(summary).toMatchObject({ items: 110_000, rejectedItems: 0 });
        const last = (yield* rowsOf("raw/articles")).at(-1);
        expect(last).toMatchObject({ article_id: "late 19999", prod_name: `${lines}19999` });
      }),
    ),
  );
});
