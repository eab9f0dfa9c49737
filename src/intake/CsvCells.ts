/** CsvCells: the cells of one column, read into the values of a table's column. */
import { timeProblem } from "../domain/EventTime.ts";
import type { ColumnBatch } from "../ports/Tables.ts";

export interface CellReader {
  readonly name: string;
  /** Reads a cell as the value of row `row`; answers what is wrong with it, if anything. */
  readonly read: (cell: string, row: number) => string | undefined;
  /** Hands over the first `rows` values and starts afresh. */
  readonly take: (rows: number) => ReadonlyArray<unknown>;
}

/** Longest id: what every store can use as a key. */
export const longestId = 256;

const secondsPerDay = 86_400;
const day = /^(\d{4})-(\d\d)-(\d\d)$/;

/** Days since 1970-01-01 of a `YYYY-MM-DD` that the calendar has. */
export const parseDay = (text: string): number | undefined => {
  const parts = day.exec(text);
  if (parts === null) return undefined;
  const date = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])));
  return date.getUTCMonth() === Number(parts[2]) - 1 && date.getUTCDate() === Number(parts[3])
    ? date.getTime() / (secondsPerDay * 1000)
    : undefined;
};

/** What forbids `id` as the id of a user or an item. */
export const idProblem = (name: string, id: string): string | undefined => {
  if (id === "") return `${name} is empty`;
  if (id.length > longestId) return `${name} has ${id.length} characters, more than ${longestId}`;
  return id.includes("\u0000") ? `${name} contains a NUL character` : undefined;
};

/** A reader that keeps what `parse` puts into `values[row]`. */
export const makeReader = (
  name: string,
  parse: (cell: string, values: Array<unknown>, row: number) => string | undefined,
): CellReader => {
  let values: Array<unknown> = [];
  return {
    name,
    read: (cell: string, row: number) => parse(cell, values, row),
    take: (rows: number) => {
      const taken = values;
      taken.length = rows;
      values = [];
      return taken;
    },
  };
};

/** An id as the shop wrote it, without blanks around it. */
export const idCells = (name: string): CellReader =>
  makeReader(name, (cell, values, row) => {
    const id = cell.trim();
    values[row] = id;
    return idProblem(name, id);
  });

/** A whole number with its lost leading zeros given back: 108775015 is 0108775015. */
export const paddedIdCells = (name: string, digits: number): CellReader =>
  makeReader(name, (cell, values, row) => {
    const id = cell.trim();
    if (id === "") return `${name} is empty`;
    if (!/^\d+$/.test(id)) return `${name} "${id}" is not a whole number`;
    values[row] = id.padStart(digits, "0");
    return idProblem(name, id);
  });

/** `YYYY-MM-DD`, of a file that is read at `arrival` (unix seconds). Days repeat in a row, so the last one is remembered. */
export const dayCells = (name: string, arrival: number): CellReader => {
  let lastText = "";
  let lastDay = 0;
  return makeReader(name, (cell, values, row) => {
    if (cell !== lastText) {
      const parsed = parseDay(cell.trim());
      if (parsed === undefined) return `${name} "${cell}" is not a day written YYYY-MM-DD`;
      const problem = timeProblem(parsed * secondsPerDay, arrival);
      if (problem !== undefined) return `${name} "${cell}" ${problem}`;
      lastText = cell;
      lastDay = parsed;
    }
    values[row] = lastDay;
    return undefined;
  });
};

/** A finite number, or null for an empty cell. */
export const numberCells = (name: string, minimum = Number.NEGATIVE_INFINITY): CellReader =>
  makeReader(name, (cell, values, row) => {
    const value = Number(cell);
    const empty = value === 0 && cell.trim() === "";
    values[row] = empty ? null : value;
    if (!Number.isFinite(value)) return `${name} "${cell}" is not a number`;
    return empty || value >= minimum ? undefined : `${name} ${cell} is less than ${minimum}`;
  });

/** Unix seconds that an event of a file read at `arrival` may have, or null for an empty cell. */
export const timestampCells = (name: string, arrival: number): CellReader => {
  const numbers = numberCells(name);
  return {
    ...numbers,
    read: (cell, row) => {
      const problem = numbers.read(cell, row);
      if (problem !== undefined || cell.trim() === "") return problem;
      const wrong = timeProblem(Number(cell), arrival);
      return wrong === undefined ? undefined : `${name} ${cell} ${wrong}: unix seconds are wanted`;
    },
  };
};

/** A whole number of 32 bits (also written 49.0), or null for an empty cell. */
export const integerCells = (name: string): CellReader =>
  makeReader(name, (cell, values, row) => {
    const value = Number(cell);
    values[row] = value === 0 && cell.trim() === "" ? null : value;
    return (value | 0) === value ? undefined : `${name} "${cell}" is not a whole number`;
  });

/** Text as it stands, or null for an empty cell. */
export const textCells = (name: string): CellReader =>
  makeReader(name, (cell, values, row) => {
    values[row] = cell === "" ? null : cell;
    return undefined;
  });

/** The same in every row, whatever the file says. */
export const constantCells = (name: string, value: unknown): CellReader => {
  const constant = makeReader(name, () => undefined);
  return { ...constant, take: (rows) => new Array<unknown>(rows).fill(value) };
};

/** Null in every row: a column that the file does not have. */
export const noCells = (name: string): CellReader => constantCells(name, null);

/** Rows read cell by cell; a row with a bad cell leaves no trace. */
export interface RowBuilder {
  /** Reads a row; answers what is wrong with it, if anything. */
  readonly add: (cells: ReadonlyArray<string>) => string | undefined;
  /** Hands over the rows that were good and starts afresh. */
  readonly take: () => ColumnBatch;
}

/** Cell `at[i]` of each row goes to `readers[i]`; -1 reads an empty cell. */
export const makeRowBuilder = (readers: ReadonlyArray<CellReader>, at: ReadonlyArray<number>): RowBuilder => {
  let rows = 0;
  return {
    add: (cells) => {
      for (let i = 0; i < readers.length; i++) {
        const problem = readers[i].read(at[i] < 0 ? "" : cells[at[i]], rows);
        if (problem !== undefined) return problem;
      }
      rows++;
      return undefined;
    },
    take: () => {
      const batch = { rows, columns: Object.fromEntries(readers.map((one) => [one.name, one.take(rows)])) };
      rows = 0;
      return batch;
    },
  };
};
