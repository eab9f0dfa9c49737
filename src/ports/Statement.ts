/**
 * Statement: SQL as text and values, never glued together.
 *
 * Statements are written as templates: sql`SELECT * FROM ${identifier(name)} WHERE id = ${id}`. What stands in `${…}` is
 * a value, which the engine is handed beside the text, or another statement; there is no way to put a word of a user's
 * into the text but as a quoted identifier.
 */
import type { ColumnType } from "../domain/Columns.ts";

export type SqlValue = string | number | bigint | boolean | null | ReadonlyArray<string>;

/** A statement or a piece of one: `texts` has one entry more than `values`, and value i stands between texts i and i + 1. */
export class Statement {
  constructor(
    readonly texts: ReadonlyArray<string>,
    readonly values: ReadonlyArray<SqlValue>,
  ) {}
}

/** Appends a text or a statement to what was gathered so far. */
const append = (texts: Array<string>, values: Array<SqlValue>, piece: string | Statement): void => {
  const [first = "", ...rest] = typeof piece === "string" ? [piece] : piece.texts;
  texts[texts.length - 1] += first;
  texts.push(...rest);
  if (typeof piece !== "string") values.push(...piece.values);
};

export const sql = (strings: TemplateStringsArray, ...parts: ReadonlyArray<SqlValue | Statement>): Statement => {
  const texts = [""];
  const values: Array<SqlValue> = [];
  strings.forEach((text, i) => {
    append(texts, values, text);
    if (i === parts.length) return;
    const part = parts[i];
    if (part instanceof Statement) append(texts, values, part);
    else {
      values.push(part as SqlValue);
      texts.push("");
    }
  });
  return new Statement(texts, values);
};

const quoted = (text: string, quote: string): string => `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;

/** A name of a column or table, whatever is in it; several parts are joined by dots. */
export const identifier = (...names: readonly [string, ...ReadonlyArray<string>]): Statement =>
  new Statement([names.map((name) => quoted(name, '"')).join(".")], []);

export const joined = (
  statements: ReadonlyArray<Statement>,
  separator: ", " | " AND " | " OR " | " UNION ALL BY NAME " | " " = ", ",
): Statement => {
  const texts = [""];
  const values: Array<SqlValue> = [];
  statements.forEach((statement, i) => {
    if (i > 0) append(texts, values, separator);
    append(texts, values, statement);
  });
  return new Statement(texts, values);
};

/** The text with $1, $2 … in the values' places. */
export const parameterized = ({ texts }: Statement): string =>
  texts.map((text, i) => (i === 0 ? text : `$${i}${text}`)).join("");

/** Numbers that are bound as INTEGER; all others are DOUBLE. */
export const isInteger = (value: number): boolean => (value | 0) === value && !Object.is(value, -0);

const literal = (value: SqlValue): string => {
  if (value === null) return "NULL";
  if (typeof value === "string") return quoted(value, "'");
  // A minus before a number is an operator, and the number alone may be too large for its type.
  if (typeof value === "number") return `'${value}'::${isInteger(value) ? "INTEGER" : "DOUBLE"}`;
  if (typeof value === "bigint") return `'${value}'::${BigInt.asIntN(64, value) === value ? "BIGINT" : "HUGEINT"}`;
  return Array.isArray(value) ? `[${value.map(literal).join(", ")}]` : String(value);
};

/** The statement with its values as quoted literals, for the places where none can be bound: the body of a view. */
export const inlined = ({ texts, values }: Statement): Statement =>
  new Statement(
    [texts.map((text, i) => (i === 0 ? text : `${literal(values[i - 1] as SqlValue)}${text}`)).join("")],
    [],
  );

/** Our column types as the engine calls them. */
export const sqlTypes: Readonly<Record<ColumnType, Statement>> = {
  string: sql`VARCHAR`,
  boolean: sql`BOOLEAN`,
  integer: sql`INTEGER`,
  long: sql`BIGINT`,
  float: sql`FLOAT`,
  double: sql`DOUBLE`,
  date: sql`DATE`,
  timestamp: sql`TIMESTAMPTZ`,
  "array<float>": sql`FLOAT[]`,
};
