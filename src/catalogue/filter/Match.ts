/** Match: whether one item is as a condition says, as its columns stand when it is asked. */
import { type Comparator, type Comparison, type Having, isText, type Where } from "../../domain/Where.ts";
import type { Columns } from "../Columns.ts";

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

/** A number that none has is NaN, which compares with nothing, not even by `!=`. */
const ofNumbers = (by: Comparator, wanted: number, values: () => Float64Array | undefined): Matcher => {
  return (itemIdx) => {
    const value = values()?.[itemIdx] ?? Number.NaN;
    return !Number.isNaN(value) && compares(by, value, wanted);
  };
};

const ofComparison = (comparison: Comparison, columns: Columns): Matcher => {
  const { attribute, by, type, value } = comparison;
  if (type === "number") return ofNumbers(by, Number(value), () => columns.numbers(attribute));
  if (type === "time") return ofNumbers(by, Number(value), () => columns.times(attribute));
  if (type === "boolean") {
    const wanted = (value === true) === (by === "=") ? 2 : 1;
    return (itemIdx) => columns.booleans(attribute)?.[itemIdx] === wanted;
  }
  const passes = textPasses(comparison);
  return (itemIdx) => {
    const column = columns.text(attribute);
    const code = column?.codes[itemIdx] ?? 0;
    return column !== undefined && code !== 0 && passes(column.texts[code]);
  };
};

const ofHaving = (having: Having, columns: Columns): Matcher => {
  const { attribute, open, value } = having;
  if (value === undefined) return (itemIdx) => columns.valueOf(attribute, itemIdx) !== undefined;
  const passes = listPasses(having);
  return (itemIdx) => {
    const found = columns.valueOf(attribute, itemIdx);
    if (typeof found === "object") return passes(found);
    const column = columns.text(attribute);
    const code = column?.codes[itemIdx] ?? 0;
    return column !== undefined && code !== 0 && isText(column.texts[code], value, open);
  };
};

export const matcherOf = (where: Where, columns: Columns): Matcher => {
  switch (where.kind) {
    case "and": {
      const all = where.of.map((one) => matcherOf(one, columns));
      return (itemIdx) => all.every((matches) => matches(itemIdx));
    }
    case "or": {
      const all = where.of.map((one) => matcherOf(one, columns));
      return (itemIdx) => all.some((matches) => matches(itemIdx));
    }
    case "not": {
      const matches = matcherOf(where.of, columns);
      return (itemIdx) => !matches(itemIdx);
    }
    case "compare":
      return ofComparison(where, columns);
    case "has":
      return ofHaving(where, columns);
  }
};
