/** Column: one column of a row group, taken by so many rows at a time. */
import type { Column } from "../../../../src/domain/Columns.ts";
import { fault } from "../TableErrors.ts";
import type { Page, Pages } from "./Pages.ts";

/** The next `rows` rows; fails where there are fewer. */
export type Take = (rows: number) => Promise<Column>;

/** Rows of one page that are not taken yet: from `from` on. */
interface Piece {
  readonly values: Column;
  readonly from: number;
}

type Typed = Int32Array | Float32Array | Float64Array | BigInt64Array;
const isTyped = (values: Column): values is Typed => ArrayBuffer.isView(values);

const part = (values: Column, from: number, to: number): Column =>
  from === 0 && to === values.length
    ? values
    : isTyped(values)
      ? values.subarray(from, to)
      : (values as ReadonlyArray<unknown>).slice(from, to);

const joined = (parts: ReadonlyArray<Column>, rows: number): Column => {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const same = first !== undefined && isTyped(first) && parts.every((one) => one.constructor === first.constructor);
  const all = same ? new (first.constructor as Float64ArrayConstructor)(rows) : new Array<unknown>(rows);
  let at = 0;
  for (const one of parts) {
    for (let i = 0; i < one.length; i++) (all as Array<unknown>)[at + i] = one[i];
    at += one.length;
  }
  return all;
};

/** Takes rows of what `more` answers, which is undefined at the end. */
const taking = (name: string, more: () => Promise<Column | undefined>): Take => {
  const pieces: Array<Piece> = [];
  let held = 0;
  return async (rows) => {
    while (held < rows) {
      const values = await more();
      if (values === undefined)
        return fault("Corrupt", `column ${name} has ${rows - held} values less than its row group has rows`);
      if (values.length > 0) pieces.push({ values, from: 0 });
      held += values.length;
    }
    const parts: Array<Column> = [];
    for (let left = rows; left > 0; ) {
      const { from, values } = pieces.shift()!;
      const to = Math.min(values.length, from + left);
      parts.push(part(values, from, to));
      if (to < values.length) pieces.unshift({ values, from: to });
      left -= to - from;
    }
    held -= rows;
    return joined(parts, rows);
  };
};

/** `depth`: the definition level of a value that is there. */
const withNulls = ({ count, definition, values }: Page, depth: number): Column => {
  if (definition.length === 0) return values;
  const all = new Array<unknown>(count).fill(null);
  let next = 0;
  for (let i = 0; i < count; i++) if (definition[i] === depth) all[i] = values[next++];
  return all;
};

/** A column of plain values. */
export const flatColumn = (name: string, pages: Pages, depth: number): Take =>
  taking(name, async () => {
    const page = await pages.next();
    return page === undefined ? undefined : withNulls(page, depth);
  });

/** Definition levels of a column of lists. */
export interface ListLevels {
  /** From here on there is a list. */
  readonly list: number;
  /** From here on it has an element. */
  readonly element: number;
  /** The element has a value. */
  readonly value: number;
}

const empty = new Float32Array(0);

const chained = (a: Float32Array, b: Float32Array): Float32Array => {
  if (a.length === 0) return b;
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

/** A column of lists of floats, which are views of their page's values. A list may go on in the next page. */
export const listColumn = (name: string, pages: Pages, levels: ListLevels): Take => {
  /** The list that is not known to be complete: what earlier pages had of it; null for none, undefined at first. */
  let open: Float32Array | null | undefined;
  let ended = false;

  return taking(name, async () => {
    if (ended) return undefined;
    const page = await pages.next();
    if (page === undefined) {
      ended = true;
      return open === undefined ? [] : [open];
    }
    const { count, definition, repetition } = page;
    const values = page.values instanceof Float32Array ? page.values : Float32Array.from(page.values as Array<number>);
    const lists: Array<Float32Array | null> = [];
    let first = 0;
    let next = 0;
    for (let i = 0; i < count; i++) {
      const level = definition[i] ?? levels.value;
      if (repetition[i] === 0) {
        if (open !== undefined) lists.push(open === null ? null : chained(open, values.subarray(first, next)));
        open = level < levels.list ? null : empty;
        first = next;
      }
      if (level < levels.element) continue;
      if (level < levels.value) {
        return fault("SchemaMismatch", `column ${name} has lists with nulls in them, not numbers alone`);
      }
      next++;
    }
    if (open !== null && open !== undefined) open = chained(open, values.slice(first, next));
    return lists;
  });
};
