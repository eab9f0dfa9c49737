/** Match: whether one item is as a condition says, as its columns stand when it is asked. */
import { type Comparator, type Comparison, type Having, isText, type Where } from "../../domain/Where.ts";
import type { Columns, TextColumn } from "../Columns.ts";

/** Answers whether the item of an index is so; false where it has none of what is compared. */
export type Matcher = (itemIdx: number) => boolean;

/** Of numbers and texts alike. */
export const compares = <A extends string | number>(by: Comparator, value: A, wanted: A): boolean => {
  switch (by) {
    case "=":
      return value === wanted;
    case "!=":
      return value !== wanted;
    case "<":
      return value < wanted;
    case "<=":
      return value <= wanted;
    case ">":
      return value > wanted;
    case ">=":
      return value >= wanted;
  }
};

/** How a text passes the comparison. */
export const textPasses = ({ by, open, value }: Comparison): ((text: string) => boolean) => {
  const wanted = String(value);
  if (by === "=") return (text) => isText(text, wanted, open);
  if (by === "!=") return (text) => !isText(text, wanted, open);
  return (text) => compares(by, text, wanted);
};

/** Whether a list passes, and the text itself where the attribute is none. */
export const listPasses = ({ open, value }: Having): ((list: ReadonlyArray<string>) => boolean) =>
  value === undefined ? () => true : (list) => list.some((text) => isText(text, value, open));

const never: Matcher = () => false;

/** A number that none has is NaN, which compares with nothing, not even by `!=`; so does what stands behind the end. */
const ofNumbers = (by: Comparator, wanted: number, values: Float64Array | undefined): Matcher => {
  if (values === undefined) return never;
  switch (by) {
    case "=":
      return (itemIdx) => values[itemIdx] === wanted;
    case "!=":
      return (itemIdx) => values[itemIdx] < wanted || values[itemIdx] > wanted;
    case "<":
      return (itemIdx) => values[itemIdx] < wanted;
    case "<=":
      return (itemIdx) => values[itemIdx] <= wanted;
    case ">":
      return (itemIdx) => values[itemIdx] > wanted;
    case ">=":
      return (itemIdx) => values[itemIdx] >= wanted;
  }
};

const ofTexts = (comparison: Comparison, column: TextColumn | undefined): Matcher => {
  if (column === undefined) return never;
  const { codes, texts } = column;
  if (comparison.by === "=" && comparison.open === undefined) {
    const wanted = column.codeOf(String(comparison.value));
    return wanted === undefined ? never : (itemIdx) => codes[itemIdx] === wanted;
  }
  const passes = textPasses(comparison);
  return (itemIdx) => {
    const code = codes[itemIdx] ?? 0;
    return code !== 0 && passes(texts[code]);
  };
};

const ofComparison = (comparison: Comparison, columns: Columns): Matcher => {
  const { attribute, by, type, value } = comparison;
  if (type === "number") return ofNumbers(by, Number(value), columns.numbers(attribute));
  if (type === "time") return ofNumbers(by, Number(value), columns.times(attribute));
  if (type === "text") return ofTexts(comparison, columns.text(attribute));
  const values = columns.booleans(attribute);
  const wanted = (value === true) === (by === "=") ? 2 : 1;
  return values === undefined ? never : (itemIdx) => values[itemIdx] === wanted;
};

const ofHaving = (having: Having, columns: Columns): Matcher => {
  const { attribute, open, value } = having;
  if (value === undefined) return (itemIdx) => columns.valueOf(attribute, itemIdx) !== undefined;
  const passes = listPasses(having);
  const lists = columns.lists(attribute);
  const text = columns.text(attribute);
  return (itemIdx) => {
    const list = lists?.codes[itemIdx] ?? 0;
    if (lists !== undefined && list !== 0) return passes(lists.lists[list]);
    const code = text?.codes[itemIdx] ?? 0;
    return text !== undefined && code !== 0 && isText(text.texts[code], value, open);
  };
};

/** As `matcherOf`, of columns as they are: good until an item changes. */
export const matcherNow = (where: Where, columns: Columns): Matcher => {
  switch (where.kind) {
    case "and": {
      const all = where.of.map((one) => matcherNow(one, columns));
      return (itemIdx) => all.every((matches) => matches(itemIdx));
    }
    case "or": {
      const all = where.of.map((one) => matcherNow(one, columns));
      return (itemIdx) => all.some((matches) => matches(itemIdx));
    }
    case "not": {
      const matches = matcherNow(where.of, columns);
      return (itemIdx) => !matches(itemIdx);
    }
    case "compare":
      return ofComparison(where, columns);
    case "has":
      return ofHaving(where, columns);
  }
};

export const matcherOf = (where: Where, columns: Columns): Matcher => {
  const { changes } = columns;
  let matches = matcherNow(where, columns);
  let changed = changes.count();
  return (itemIdx) => {
    if (changed !== changes.count()) {
      matches = matcherNow(where, columns);
      changed = changes.count();
    }
    return matches(itemIdx);
  };
};
