/**
 * Cells: what a cell of a file, read as text, means as the value of a table's column, in SQL.
 *
 * Each reader says the value, what is wrong with it, and a quick test that nearly all cells of real files pass. An empty
 * cell is NULL or the empty text.
 */
import { aheadSeconds, earliestTime, problems } from "../domain/EventTime.ts";
import { longestId, noIds } from "../domain/Ids.ts";
import { identifier, joined, type Statement, sql } from "../ports/Statement.ts";

export interface Cell {
  /** Right where there is no problem. */
  readonly value: Statement;
  /** A text that names the column and the value, or NULL. */
  readonly problem?: Statement | undefined;
  /** A test that leaves no problem, and the value of cells that pass it. */
  readonly quick?: { readonly test: Statement; readonly value: Statement } | undefined;
  /** What is computed once a row, as a column of this name beside the file's; see `prepared`. */
  readonly column?: { readonly name: string; readonly value: Statement } | undefined;
}

/** The relation with the columns that the cells compute once a row. */
export const prepared = (relation: Statement, cells: Iterable<Cell>): Statement => {
  const columns = new Map(
    [...cells].flatMap(({ column }) => (column === undefined ? [] : [[column.name, column.value]])),
  );
  const all = [...columns].map(([name, value]) => sql`${value} AS ${identifier(name)}`);
  return all.length === 0 ? relation : sql`(SELECT *, ${joined(all)} FROM ${relation})`;
};

/** White space as JavaScript's trim knows it, for a class of a regular expression. */
const blank =
  "\\t\\n\\v\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";

export const trimmed = (cell: Statement): Statement =>
  sql`regexp_replace(${cell}, ${`^[${blank}]+|[${blank}]+$`}, '', 'g')`;

const isEmpty = (text: Statement): Statement => sql`coalesce(${text}, '') = ''`;

/** A cell's problem where it has one, else its value. */
export const valueOf = ({ value, quick }: Cell): Statement =>
  quick === undefined ? value : sql`CASE WHEN ${quick.test} THEN ${quick.value} ELSE ${value} END`;

export const problemOf = ({ problem, quick }: Cell): Statement | undefined =>
  problem === undefined || quick === undefined ? problem : sql`CASE WHEN ${quick.test} THEN NULL ELSE ${problem} END`;

/** The value of a cell that has no problem; the statement fails with the first problem that there is. */
export const strictValueOf = ({ value, problem, quick }: Cell): Statement => {
  const checked =
    problem === undefined ? value : sql`CASE WHEN ${problem} IS NULL THEN ${value} ELSE error(${problem}) END`;
  return quick === undefined ? checked : sql`CASE WHEN ${quick.test} THEN ${quick.value} ELSE ${checked} END`;
};

/** The first problem of a row, or NULL. */
export const firstProblem = (cells: Iterable<Cell>): Statement => {
  const problems = [...cells].flatMap((cell) => problemOf(cell) ?? []);
  return problems.length === 0 ? sql`NULL::VARCHAR` : sql`coalesce(${joined(problems)})`;
};

/**
 * ASCII from the first to the last character, without a control character or a blank at either end, short and no word for
 * nothing: all told without a regular expression, which would take longer than reading the file. JSON spells out control
 * characters, quotes and backslashes.
 */
const isPlainId = (cell: Statement): Statement =>
  sql`(strlen(${cell}) = length(${cell}) AND strlen(${cell}) BETWEEN 1 AND ${longestId}
    AND NOT starts_with(${cell}, ' ') AND NOT ends_with(${cell}, ' ') AND NOT contains(${cell}, chr(127))
    AND strlen(to_json(${cell})::VARCHAR) = strlen(${cell}) + 2 AND ${cell} NOT IN ${noIds})`;

/** Length in UTF-16 units. */
const unitsOf = (text: Statement): Statement =>
  sql`length(regexp_replace(${text}, '[\\x{10000}-\\x{10FFFF}]', 'aa', 'g'))`;

const idProblem = (name: string, id: Statement): Statement => sql`CASE
  WHEN ${isEmpty(id)} THEN ${`${name} is empty`}
  WHEN ${id} IN ${noIds} THEN ${named(name, id)} || ' stands for no value'
  WHEN ${unitsOf(id)} > ${longestId} THEN ${`${name} has `} || ${unitsOf(id)} || ${` characters, more than ${longestId}`}
  WHEN regexp_matches(${id}, '[\\x00-\\x1f\\x7f-\\x{9f}]') THEN ${`${name} contains a control character`} END`;

/** An id as the shop wrote it, without blanks around it. */
export const idCell = (name: string, cell: Statement): Cell => {
  const id = trimmed(cell);
  return { value: id, problem: idProblem(name, id), quick: { test: isPlainId(cell), value: cell } };
};

/** A whole number with its lost leading zeros given back: 108775015 is 0108775015, and so is 108775015.0. */
export const paddedIdCell = (name: string, cell: Statement, digits: number): Cell => {
  const text = trimmed(cell);
  const number = sql`regexp_replace(${text}, '\\.0+$', '')`;
  const padded = sql`repeat('0', greatest(0, ${digits} - length(${number}))) || ${number}`;
  return {
    value: padded,
    problem: sql`CASE WHEN ${isEmpty(text)} THEN ${`${name} is empty`}
      WHEN NOT regexp_full_match(${number}, '[0-9]+') THEN ${named(name, text)} || ' is not a whole number'
      ELSE ${idProblem(name, padded)} END`,
    quick: { test: sql`(strlen(${cell}) = ${digits} AND regexp_full_match(${cell}, '[0-9]+'))`, value: cell },
  };
};

/** What a message calls a column of this name; those of files without a header have numbers for names. */
export const called = (name: string): string => (/^\d+$/.test(name) ? `column ${name}` : name);

/** How a message names a column's cell. */
export const named = (name: string, cell: Statement): Statement => sql`${`${name} "`} || coalesce(${cell}, '') || '"'`;

/** What is wrong with a time in unix seconds of a file that was read at `arrival`, or NULL; `subject` begins the sentence. */
export const timeProblem = (subject: Statement, seconds: Statement, arrival: number): Statement => sql`CASE
  WHEN ${seconds} > ${arrival + aheadSeconds}::DOUBLE THEN ${subject} || ${` ${problems.ahead}`}
  WHEN ${seconds} < ${earliestTime}::DOUBLE THEN ${subject} || ${` ${problems.early}`} END`;

/** `YYYY-MM-DD`, of a file that is read at `arrival` (unix seconds). */
export const dayCell = (name: string, cell: Statement, arrival: number): Cell => {
  const day = sql`TRY_CAST(${cell} AS DATE)`;
  const text = trimmed(cell);
  const trimmedDay = sql`TRY_CAST(${text} AS DATE)`;
  const seconds = sql`epoch(${trimmedDay})`;
  return {
    value: trimmedDay,
    problem: sql`CASE WHEN ${trimmedDay}::VARCHAR IS DISTINCT FROM ${text} OR NOT isfinite(${trimmedDay})
      THEN ${named(name, cell)} || ' is not a day written YYYY-MM-DD'
      ELSE ${timeProblem(named(name, cell), seconds, arrival)} END`,
    quick: {
      test: sql`(${day}::VARCHAR = ${cell} AND epoch(${day}) BETWEEN ${earliestTime} AND ${arrival + aheadSeconds}::DOUBLE)`,
      value: day,
    },
  };
};

/** What is wrong with a text that is no number of this kind, and what to do where it is one of another land. */
const notNumber = (
  name: string,
  cell: Statement,
  kind: string,
): Statement => sql`${named(name, cell)} || ${` is not a ${kind}`}
  || CASE WHEN regexp_full_match(${trimmed(cell)}, ${`[-+]?[0-9.]*([,'_ \\x{a0}\\x{202f}][0-9.]+)+`})
  THEN ': write decimals behind a point and thousands without separators, as in 1234.50' ELSE '' END`;

/** A finite number, or NULL for an empty cell. Digits are not grouped: the engine would take 1_000. */
export const numberCell = (name: string, cell: Statement, minimum?: number): Cell => {
  const isNumber = (number: Statement) => sql`(isfinite(${number}) AND NOT contains(${cell}, '_'))`;
  const isEnough = (number: Statement) => (minimum === undefined ? sql`true` : sql`${number} >= ${minimum}`);
  const number = sql`TRY_CAST(${cell} AS DOUBLE)`;
  const exact = sql`TRY_CAST(${trimmed(cell)} AS DOUBLE)`;
  return {
    value: exact,
    problem: sql`CASE WHEN ${isEmpty(trimmed(cell))} THEN NULL
      WHEN ${isNumber(exact)} IS NOT TRUE THEN ${notNumber(name, cell, "number")}
      WHEN NOT ${isEnough(exact)} THEN ${`${name} `} || ${cell} || ${` is less than ${minimum}`} END`,
    quick: { test: sql`(${isNumber(number)} AND ${isEnough(number)})`, value: number },
  };
};

/** Unix seconds that an event of a file read at `arrival` may have, or NULL for an empty cell. */
export const secondsCell = (name: string, cell: Statement, arrival: number): Cell => {
  const number = numberCell(name, cell);
  const wrong = timeProblem(sql`${`${name} `} || ${cell}`, number.value, arrival);
  return {
    value: number.value,
    problem: sql`coalesce(${problemOf(number) ?? sql`NULL`}, ${wrong} || ': unix seconds are wanted')`,
  };
};

/** A whole number of 32 bits (also written 49.0), or NULL for an empty cell. */
export const integerCell = (name: string, cell: Statement): Cell => {
  const isWhole = (number: Statement) => sql`(${number} = trunc(${number})
    AND ${number} BETWEEN ${-(2 ** 31)} AND ${2 ** 31 - 1} AND NOT contains(${cell}, '_'))`;
  const number = sql`TRY_CAST(${cell} AS DOUBLE)`;
  const exact = sql`TRY_CAST(${trimmed(cell)} AS DOUBLE)`;
  return {
    value: sql`TRY_CAST(${exact} AS INTEGER)`,
    problem: sql`CASE WHEN ${isEmpty(trimmed(cell))} THEN NULL
      WHEN ${isWhole(exact)} IS NOT TRUE THEN ${notNumber(name, cell, "whole number")} END`,
    quick: { test: isWhole(number), value: sql`TRY_CAST(${number} AS INTEGER)` },
  };
};

/** Text as it stands, or NULL for an empty cell. */
export const textCell = (cell: Statement): Cell => ({ value: sql`nullif(${cell}, '')` });

/** The same in every row, whatever the file says. */
export const constantCell = (value: Statement): Cell => ({ value });

/** A column that the file does not have. */
export const noCell: Cell = constantCell(sql`NULL`);
