/** Cells as SQL, against the same rules written out in JavaScript. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema, Stream } from "effect";
import * as fc from "fast-check";
import { make } from "../../layers/Sql/DuckDb.ts";
import { parseDay } from "../../src/domain/Day.ts";
import { timeProblem } from "../../src/domain/EventTime.ts";
import { idProblem, noIds } from "../../src/domain/Ids.ts";
import {
  type Cell,
  dayCell,
  idCell,
  integerCell,
  numberCell,
  paddedIdCell,
  prepared,
  problemOf,
  secondsCell,
  textCell,
  valueOf,
} from "../../src/intake/Cells.ts";
import { timeCell } from "../../src/intake/Times.ts";
import type { SqlSession } from "../../src/ports/Sql.ts";
import { identifier, type Statement, sql } from "../../src/ports/Statement.ts";

const session = make({ threads: 2, memoryMiB: 256, spillFolder: "/nonexistent" }).session;
const cell = identifier("c");
const arrival = 1_700_000_000;

const remedy = (text: string): string =>
  /^[-+]?[0-9.]*([,'_ \u00a0\u202f][0-9.]+)+$/.test(text.trim())
    ? ": write decimals behind a point and thousands without separators, as in 1234.50"
    : "";

const Read = Schema.Struct({
  value: Schema.Unknown,
  problem: Schema.NullOr(Schema.String),
  exactValue: Schema.Unknown,
  exactProblem: Schema.NullOr(Schema.String),
});

/** Every cell read both ways: with the quick test, and by the exact expressions alone. */
const readAll = (open: SqlSession, reader: Cell, cells: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const fields = [{ name: "c", type: "string", nullable: true }] as const;
    yield* open.load("cells", fields, Stream.make({ rows: cells.length, columns: { c: cells } }));
    const none: Statement = sql`NULL::VARCHAR`;
    const problem = problemOf(reader) ?? none;
    const exact = reader.problem ?? none;
    return yield* open.rows(
      Read,
      sql`SELECT CASE WHEN ${problem} IS NULL THEN ${valueOf(reader)} END AS value, ${problem} AS problem,
        CASE WHEN ${exact} IS NULL THEN ${reader.value} END AS "exactValue", ${exact} AS "exactProblem" FROM ${prepared(identifier("cells"), [reader])}`,
    );
  });

/** What is made of a cell, or what is wrong with it. */
type Reference = (cell: string) => { readonly value: unknown } | { readonly problem: string };

const references: Readonly<Record<string, readonly [Cell, Reference, fc.Arbitrary<string>]>> = {
  id: [
    idCell("user", cell),
    (text) => {
      const problem = idProblem("user", text.trim());
      return problem === undefined ? { value: text.trim() } : { problem };
    },
    fc.oneof(
      fc.string({
        unit: fc.constantFrom("a", " ", "é", "\u00a0", "\u3000", "\t", "\u0001", '"', "\\", "🛍", "\u007f", "\u0085"),
      }),
      fc.constantFrom("", ...noIds, ` ${noIds[0]} `),
      fc.tuple(fc.constantFrom("x", "é", "🛍"), fc.integer({ min: 120, max: 260 })).map(([unit, n]) => unit.repeat(n)),
      fc.string(),
    ),
  ],
  padded: [
    paddedIdCell("article_id", cell, 10),
    (text) => {
      const id = text.trim();
      if (id === "") return { problem: "article_id is empty" };
      const number = id.replace(/\.0+$/, "");
      if (!/^[0-9]+$/.test(number)) return { problem: `article_id "${id}" is not a whole number` };
      const problem = idProblem("article_id", number.padStart(10, "0"));
      return problem === undefined ? { value: number.padStart(10, "0") } : { problem };
    },
    fc.string({ unit: fc.constantFrom("0", "1", "9", " ", ".", "a", "٣"), maxLength: 14 }),
  ],
  day: [
    dayCell("t_dat", cell, arrival),
    (text) => {
      const day = parseDay(text.trim());
      if (day === undefined) return { problem: `t_dat "${text}" is not a day written YYYY-MM-DD` };
      const problem = timeProblem(day * 86_400, arrival);
      return problem === undefined ? { value: day } : { problem: `t_dat "${text}" ${problem}` };
    },
    fc.oneof(
      fc.string({ unit: fc.constantFrom("0", "1", "2", "9", "-", "/", " "), maxLength: 11 }),
      fc
        .tuple(
          fc.integer({ min: 0, max: 9999 }),
          fc.integer({ min: 0, max: 13 }),
          fc.integer({ min: 0, max: 32 }),
          fc.constantFrom("", " "),
        )
        .map(
          ([y, m, d, blank]) =>
            `${blank}${String(y).padStart(4, "0")}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}${blank}`,
        ),
      fc.integer({ min: 1969, max: 2024 }).map((y) => `${y}-02-28`),
      fc.constantFrom("infinity", "epoch", "2023-11-15", "2023-11-16", "1971-01-01", "1970-12-31"),
    ),
  ],
  number: [
    numberCell("price", cell, -5),
    (text) => {
      if (text.trim() === "") return { value: null };
      const value = Number(text);
      if (!Number.isFinite(value)) return { problem: `price "${text}" is not a number${remedy(text)}` };
      return value >= -5 ? { value } : { problem: `price ${text} is less than -5` };
    },
    fc.oneof(
      fc.double({ noNaN: true }).map(String),
      fc.string({ unit: fc.constantFrom("0", "1", "9", "-", "+", ".", "e", "_", ",", " "), maxLength: 7 }),
      fc.constantFrom("", " ", "nan", "inf", "-inf", "Infinity", "1e400", "1e-400", "\u00a01", "５"),
    ),
  ],
  integer: [
    integerCell("age", cell),
    (text) => {
      if (text.trim() === "") return { value: null };
      const value = Number(text);
      return (value | 0) === value ? { value } : { problem: `age "${text}" is not a whole number${remedy(text)}` };
    },
    fc.oneof(
      fc.integer().map(String),
      fc.integer({ min: -9, max: 9 }).map((n) => `${n}.0`),
      fc.double().map(String),
      fc.string({ unit: fc.constantFrom("0", "1", "9", "-", ".", "e", "_", " "), maxLength: 6 }),
      fc.constantFrom("2147483648", "-2147483648", "2147483647.0", "49.5"),
    ),
  ],
  seconds: [
    secondsCell("timestamp", cell, arrival),
    (text) => {
      if (text.trim() === "") return { value: null };
      const value = Number(text);
      if (!Number.isFinite(value)) return { problem: `timestamp "${text}" is not a number` };
      const problem = timeProblem(value, arrival);
      return problem === undefined ? { value } : { problem: `timestamp ${text} ${problem}: unix seconds are wanted` };
    },
    fc.oneof(
      fc.integer({ min: 0, max: 2_000_000_000 }).map(String),
      fc.constantFrom("", "x", "1.5e9", "31536000", "31535999", "1700086400", "1700086401"),
    ),
  ],
  text: [
    textCell(cell),
    (text) => ({ value: text === "" ? null : text }),
    fc.string({ unit: "binary", maxLength: 5 }).map((text) => Buffer.from(text).toString()),
  ],
};

/** Forms of numbers that JavaScript reads and no shop writes: 0x10, 1e5 with blanks within, and the like. */
const isOdd = (text: string): boolean => /^\s*[+-]?(0[xob]|\.?e|$)|[-+][-+]/i.test(text) && text.trim() !== "";

describe("Cells", () => {
  for (const [name, [reader, reference, arbitrary]] of Object.entries(references)) {
    it.live(`of kind ${name} mean what they should, by the quick test or not`, () =>
      Effect.gen(function* () {
        const open = yield* session;
        const cells = fc.sample(arbitrary, 3000).filter((text) => !isOdd(text));
        const read = yield* readAll(open, reader, cells);
        read.forEach((row, i) => {
          const text = cells[i]!;
          const expected = reference(text);
          const plain = (value: unknown) =>
            value instanceof Date
              ? value.getTime() / 86_400_000
              : typeof value === "bigint"
                ? Number(value)
                : Object.is(value, -0)
                  ? 0
                  : value;
          const value = row.problem === null ? { value: plain(row.value) } : { problem: row.problem };
          const exact = row.exactProblem === null ? { value: plain(row.exactValue) } : { problem: row.exactProblem };
          const same = "value" in expected && expected.value === 0 ? { value: 0 } : expected;
          expect([text, value, exact]).toEqual([text, same, same]);
        });
      }).pipe(Effect.scoped),
    );
  }
});

describe("Times", () => {
  const day = Date.UTC(2020, 8, 22) / 1000;
  const read = (cells: ReadonlyArray<string>, format?: string) =>
    Effect.gen(function* () {
      const rows = yield* readAll(yield* session, timeCell("when", cell, { arrival, format }), cells);
      for (const row of rows)
        expect(row.problem === null ? row.value : row.problem).toEqual(
          row.exactProblem === null ? row.exactValue : row.exactProblem,
        );
      return rows.map(({ value, problem }) => problem ?? value);
    }).pipe(Effect.scoped);

  const times: ReadonlyArray<readonly [string, number]> = [
    ["1600732800", day],
    [" 1600732800 ", day],
    ["1600732800.25", day + 0.25],
    ["1600732800000", day],
    ["1600732800000000", day],
    ["1600732800000000000", day],
    ["1.6007328E9", day],
    ["2020-09-22", day],
    ["2020-09-22 10:30", day + 37_800],
    ["2020-09-22 10:30:15", day + 37_815],
    ["2020-09-22T10:30:15.5Z", day + 37_815.5],
    ["2020-09-22T10:30:00+02:00", day + 30_600],
    ["2020-09-22 10:30:00-0530", day + 57_600],
    ["2020-09-22 10:30:00 UTC", day + 37_800],
    ["2020-09-22t10:30:00.123456z", day + 37_800.123456],
    ["20200922", day],
    ["20200922103000", day + 37_800],
    ["202009221030", day + 37_800],
    ["202009229930", 202_009_229.93],
    ["946684800000", 946_684_800],
    ["20200922T103000Z", day + 37_800],
    ["20200922T1030+0200", day + 30_600],
  ];
  it.live("are read in the forms that shops write", () =>
    Effect.gen(function* () {
      expect(yield* read(times.map(([text]) => text))).toEqual(times.map(([, seconds]) => seconds));
    }),
  );

  const none = [
    "",
    "yesterday",
    "22/09/2020",
    "2020-02-30",
    "2020-09-22T25:00",
    "2020-09-22T10:61",
    "NaN",
    "12:30",
    "1e400",
  ];
  const impossible: ReadonlyArray<readonly [string, string]> = [
    ["0", "is before 1971-01-01"],
    ["-86400", "is before 1971-01-01"],
    ["45306", "is before 1971-01-01"],
    ["20201332", "is before 1971-01-01"],
    ["1970-12-31T23:59:59Z", "is before 1971-01-01"],
    ["2202-01-01", "is more than a day ahead"],
    ["20200922993000", "is more than a day ahead"],
  ];
  it.live("are refused where they are none, or cannot be", () =>
    Effect.gen(function* () {
      expect(yield* read(none)).toEqual(none.map((text) => `when "${text}" is no unix time and no ISO date or time`));
      expect(yield* read(impossible.map(([text]) => text))).toEqual(
        impossible.map(([text, said]) => `when "${text}" ${said}`),
      );
    }),
  );

  it.live("are those of Date, for every ISO time", () =>
    Effect.gen(function* () {
      const dates = fc.sample(
        fc.date({ min: new Date("1971-01-01"), max: new Date(arrival * 1000), noInvalidDate: true }),
        2000,
      );
      const seconds = yield* read(dates.map((date) => date.toISOString()));
      seconds.forEach((value, i) => {
        expect(value).toBeCloseTo(dates[i]!.getTime() / 1000, 5);
      });
    }),
  );

  const formats: ReadonlyArray<readonly [string, string, number]> = [
    ["M/d/yy H:mm", "9/22/20 10:30", day + 37_800],
    ["dd.MM.yyyy", "22.09.2020", day],
    ["d.M.yyyy HH:mm:ss", " 22.9.2020 10:30:15 ", day + 37_815],
    ["M/d/yyyy h:mm a", "9/22/2020 1:05 PM", day + 47_100],
    ["yyyy-MM-dd'T'HH:mm:ssXXX", "2020-09-22T10:30:00+02:00", day + 30_600],
    ["d MMM yyyy", "22 Sep 2020", day],
    ["excel", "44096.4375", day + 37_800],
    ["excel", "44096", day],
  ];
  for (const [format, text, seconds] of formats) {
    it.live(`are read by the format ${format}`, () =>
      Effect.gen(function* () {
        expect(yield* read([text, "no time"], format)).toEqual([
          seconds,
          `when "no time" is no time written ${format}`,
        ]);
      }),
    );
  }
});
