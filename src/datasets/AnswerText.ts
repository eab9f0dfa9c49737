/** AnswerText: an answer's rows as text, a piece at a time: a table to look at, CSV, or JSON. */
import { printable } from "../domain/Printable.ts";
import type { Answer, Cell } from "../ports/Sql.ts";

type Rows = ReadonlyArray<ReadonlyArray<Cell>>;

export interface AnswerPrinter {
  readonly rows: (rows: Rows) => string;
  /** What comes after the last row; `count` is how many there were. */
  readonly end: (count: number) => string;
}

const plain = (cell: Cell): string =>
  cell === null ? "" : Array.isArray(cell) ? `[${cell.map((one) => plain(one) || "NULL").join(", ")}]` : String(cell);

const csvCell = (cell: Cell): string => {
  const text = plain(cell);
  return /[",\r\n]/.test(text) || (text === "" && cell !== null) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** RFC 4180; null is an empty cell, the empty text `""`. */
const csv = ({ columns }: Answer): AnswerPrinter => {
  let head = `${columns.map(({ name }) => csvCell(name)).join(",")}\n`;
  const withHead = (text: string): string => {
    const whole = head + text;
    head = "";
    return whole;
  };
  return {
    rows: (rows) => withHead(rows.map((row) => `${row.map(csvCell).join(",")}\n`).join("")),
    end: () => withHead(""),
  };
};

const jsonCell = (cell: Cell): string => {
  if (typeof cell === "bigint") return String(cell);
  if (Array.isArray(cell)) return `[${cell.map(jsonCell).join(",")}]`;
  return JSON.stringify(typeof cell === "number" && !Number.isFinite(cell) ? String(cell) : cell);
};

/** A list of objects, one to a line. */
const json = ({ columns }: Answer): AnswerPrinter => {
  const keys = columns.map(({ name }) => JSON.stringify(name));
  let before = "[\n";
  return {
    rows: (rows) =>
      rows
        .map((row) => {
          const line = `${before}{${row.map((cell, i) => `${keys[i]}:${jsonCell(cell)}`).join(",")}}`;
          before = ",\n";
          return line;
        })
        .join(""),
    end: (count) => (count === 0 ? "[]\n" : "\n]\n"),
  };
};

/** Longest cell of a table, in characters. */
const widest = 60;

const shown = (cell: Cell): string => {
  const text = printable((cell === null ? "NULL" : plain(cell)).replaceAll(/[\r\n\t]+/g, " "));
  return text.length <= widest ? text : `${text.slice(0, widest - 1)}…`;
};

const isNumber = (type: string): boolean => /INT|DOUBLE|FLOAT|DECIMAL/.test(type) && !type.endsWith("]");

/** Columns as wide as the first rows ask for; later rows may be wider. */
const table = ({ columns }: Answer): AnswerPrinter => {
  const names = columns.map(({ name }) => shown(name));
  let widths: ReadonlyArray<number> | undefined;
  const line = (cells: ReadonlyArray<string>, width: ReadonlyArray<number>): string =>
    `${cells
      .map((cell, i) => (isNumber(columns[i]?.type ?? "") ? cell.padStart(width[i] ?? 0) : cell.padEnd(width[i] ?? 0)))
      .join("  ")
      .trimEnd()}\n`;
  const print = (rows: Rows): string => {
    const cells = rows.map((row) => row.map(shown));
    const known = widths;
    const width = known ?? names.map((name, i) => Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)));
    widths = width;
    const head =
      known === undefined
        ? line(names, width) +
          line(
            width.map((one) => "─".repeat(one)),
            width,
          )
        : "";
    return head + cells.map((row) => line(row, width)).join("");
  };
  return {
    rows: print,
    end: (count) => `${widths === undefined ? print([]) : ""}(${count} ${count === 1 ? "row" : "rows"})\n`,
  };
};

export const answerPrinters = { table, csv, json } as const;
export type AnswerFormat = keyof typeof answerPrinters;
