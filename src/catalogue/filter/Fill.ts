/**
 * Fill: which of all items are as a condition says, column by column: a byte per item.
 *
 * Texts and lists are matched once each, however many items have them; then each item costs a look-up. Scratch is an array per level of
 * the condition.
 */
import { type Comparator, type Comparison, type Having, isText, type Where } from "../../domain/Where.ts";
import type { Columns } from "../Columns.ts";
import { listPasses, textPasses } from "./Match.ts";

/** `into[i]` becomes 1 where the code of item i passes; 0 has no value. */
const byCode = <A>(
  into: Uint8Array,
  codes: Uint32Array,
  values: ReadonlyArray<A>,
  passes: (value: A) => boolean,
  n: number,
): void => {
  const passing = new Uint8Array(values.length);
  for (let code = 1; code < values.length; code++) if (passes(values[code])) passing[code] = 1;
  for (let i = 0; i < n; i++) into[i] = passing[codes[i]];
};

const byNumber = (into: Uint8Array, values: Float64Array, by: Comparator, wanted: number, n: number): void => {
  switch (by) {
    case "=":
      for (let i = 0; i < n; i++) into[i] = values[i] === wanted ? 1 : 0;
      return;
    case "!=":
      // Of NaN both are false.
      for (let i = 0; i < n; i++) into[i] = values[i] < wanted || values[i] > wanted ? 1 : 0;
      return;
    case "<":
      for (let i = 0; i < n; i++) into[i] = values[i] < wanted ? 1 : 0;
      return;
    case "<=":
      for (let i = 0; i < n; i++) into[i] = values[i] <= wanted ? 1 : 0;
      return;
    case ">":
      for (let i = 0; i < n; i++) into[i] = values[i] > wanted ? 1 : 0;
      return;
    case ">=":
      for (let i = 0; i < n; i++) into[i] = values[i] >= wanted ? 1 : 0;
      return;
  }
};

const byByte = (into: Uint8Array, values: Uint8Array, wanted: number, n: number): void => {
  for (let i = 0; i < n; i++) into[i] = values[i] === wanted ? 1 : 0;
};

const byText = (into: Uint8Array, comparison: Comparison, columns: Columns, n: number): void => {
  const column = columns.text(comparison.attribute);
  if (column === undefined) {
    into.fill(0, 0, n);
    return;
  }
  const { codes, texts } = column;
  if (comparison.by !== "=" || comparison.open !== undefined) {
    byCode(into, codes, texts, textPasses(comparison), n);
    return;
  }
  const code = column.codeOf(String(comparison.value));
  if (code === undefined) into.fill(0, 0, n);
  else for (let i = 0; i < n; i++) into[i] = codes[i] === code ? 1 : 0;
};

const compare = (into: Uint8Array, comparison: Comparison, columns: Columns, n: number): void => {
  const { attribute, by, type, value } = comparison;
  if (type === "text") {
    byText(into, comparison, columns, n);
  } else if (type === "boolean") {
    const values = columns.booleans(attribute);
    if (values === undefined) into.fill(0, 0, n);
    else byByte(into, values, (value === true) === (by === "=") ? 2 : 1, n);
  } else {
    const values = type === "number" ? columns.numbers(attribute) : columns.times(attribute);
    if (values === undefined) into.fill(0, 0, n);
    else byNumber(into, values, by, Number(value), n);
  }
};

/** Adds to `into` those that have one of the attribute's kinds, or the text. */
const has = (into: Uint8Array, having: Having, columns: Columns, n: number): void => {
  const { attribute, open, value } = having;
  into.fill(0, 0, n);
  const lists = columns.lists(attribute);
  if (lists !== undefined) byCode(into, lists.codes, lists.lists, listPasses(having), n);
  const text = columns.text(attribute);
  if (text !== undefined) {
    const found = new Uint8Array(n);
    byCode(found, text.codes, text.texts, (one) => value === undefined || isText(one, value, open), n);
    for (let i = 0; i < n; i++) into[i] |= found[i];
  }
  if (value !== undefined) return;
  const booleans = columns.booleans(attribute);
  if (booleans !== undefined) for (let i = 0; i < n; i++) if (booleans[i] !== 0) into[i] = 1;
  for (const values of [columns.numbers(attribute), columns.times(attribute)]) {
    if (values !== undefined) for (let i = 0; i < n; i++) if (!Number.isNaN(values[i])) into[i] = 1;
  }
};

/** Fills the first n of `into`; `scratch(level)` is free from that level on. */
const evaluate = (
  where: Where,
  columns: Columns,
  into: Uint8Array,
  n: number,
  level: number,
  scratch: (level: number) => Uint8Array,
): void => {
  switch (where.kind) {
    case "compare":
      compare(into, where, columns, n);
      return;
    case "has":
      has(into, where, columns, n);
      return;
    case "not":
      evaluate(where.of, columns, into, n, level, scratch);
      for (let i = 0; i < n; i++) into[i] ^= 1;
      return;
    case "and":
    case "or": {
      const [first, ...rest] = where.of;
      if (first === undefined) into.fill(where.kind === "and" ? 1 : 0, 0, n);
      else evaluate(first, columns, into, n, level, scratch);
      for (const one of rest) {
        const found = scratch(level);
        evaluate(one, columns, found, n, level + 1, scratch);
        if (where.kind === "and") for (let i = 0; i < n; i++) into[i] &= found[i];
        else for (let i = 0; i < n; i++) into[i] |= found[i];
      }
    }
  }
};

/**
 * `into[itemIdx]` becomes 1 where the item is so, else 0, for all items that have a column; those behind them, which have no
 * values, are as an item without any. `into` may be of any length.
 */
export const fill = (where: Where, columns: Columns, into: Uint8Array): void => {
  const n = Math.min(columns.size, into.length);
  const levels: Array<Uint8Array> = [];
  const scratch = (level: number): Uint8Array => {
    levels[level] ??= new Uint8Array(n);
    return levels[level];
  };
  evaluate(where, columns, into, n, 0, scratch);
  into.fill(isOfNothing(where) ? 1 : 0, n);
};

/** Whether an item without any attributes is so. */
const isOfNothing = (where: Where): boolean => {
  if (where.kind === "and") return where.of.every(isOfNothing);
  if (where.kind === "or") return where.of.some(isOfNothing);
  return where.kind === "not" && !isOfNothing(where.of);
};
