import { Stream } from "effect";
import { describe, expect, it } from "vitest";
import { type AnswerFormat, answerPrinters } from "../../src/datasets/AnswerText.ts";
import type { Cell } from "../../src/ports/Sql.ts";

const columns = [
  { name: "id", type: "BIGINT" },
  { name: "say, what", type: "VARCHAR" },
  { name: "list", type: "DOUBLE[]" },
];

const rows: ReadonlyArray<ReadonlyArray<Cell>> = [
  [12345678901234567890n, 'a "b"\nc', [1, null, Number.NaN]],
  [-1, null, []],
  [null, "", null],
];

const print = (format: AnswerFormat, pages: ReadonlyArray<ReadonlyArray<ReadonlyArray<Cell>>>) => {
  const printer = answerPrinters[format]({ columns, rows: Stream.empty });
  return pages.map(printer.rows).join("") + printer.end(pages.flat().length);
};

describe("AnswerText", () => {
  it("prints a table: numbers to the right, text on one line", () => {
    expect(print("table", [rows]).split("\n")).toEqual([
      "                  id  say, what  list",
      "────────────────────  ─────────  ──────────────",
      '12345678901234567890  a "b" c    [1, NULL, NaN]',
      "                  -1  NULL       []",
      "                NULL             NULL",
      "(3 rows)",
      "",
    ]);
    expect(print("table", [])).toBe("id  say, what  list\n──  ─────────  ────\n(0 rows)\n");
    expect(print("table", [[[1, "x".repeat(100), null]]])).toContain(`1  ${"x".repeat(59)}…  NULL\n(1 row)\n`);
  });

  it("prints CSV with one header, null and the empty text told apart", () => {
    expect(print("csv", [rows.slice(0, 1), rows.slice(1)])).toBe(
      'id,"say, what",list\n12345678901234567890,"a ""b""\nc","[1, NULL, NaN]"\n-1,,[]\n,"",\n',
    );
    expect(print("csv", [])).toBe('id,"say, what",list\n');
  });

  it("prints JSON that parses, whatever the pages", () => {
    for (const pages of [[rows], rows.map((row) => [row])]) {
      expect(JSON.parse(print("json", pages))).toEqual([
        { id: Number(12345678901234567890n), "say, what": 'a "b"\nc', list: [1, null, "NaN"] },
        { id: -1, "say, what": null, list: [] },
        { id: null, "say, what": "", list: null },
      ]);
    }
    expect(
      print(
        "json",
        rows.slice(0, 1).map((row) => [row]),
      ),
    ).toContain('"id":12345678901234567890,');
    expect(JSON.parse(print("json", []))).toEqual([]);
  });

  it("lets nothing out on a terminal that moves its cursor or recolours it; CSV and JSON keep every character", () => {
    const rows = [[[1, "\u001b[31mred\u009b0m", null]]];
    expect(print("table", rows)).toContain("\n 1  \uFFFD[31mred\uFFFD0m  NULL\n");
    expect(print("csv", rows)).toContain("\u001b[31mred\u009b0m");
    expect(JSON.parse(print("json", rows))).toMatchObject([{ "say, what": "\u001b[31mred\u009b0m" }]);
  });
});
