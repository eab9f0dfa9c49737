/**
 * Where: a condition on an item's attributes, as it was understood: names are known, values are of the attribute's type. A value
 * that an item lacks makes each comparison with it false, `!=` as well (AIP-160: comparisons with absent fields do not match).
 */
import type { AttributeValue } from "./ItemRecord.ts";

export type Comparator = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** Kinds of a single value: of text, of a number, of true and false, of a time (unix milliseconds), of one text among a list's. */
export type ValueKind = "text" | "number" | "boolean" | "time" | "list";

export type Where =
  | { readonly kind: "and" | "or"; readonly of: ReadonlyArray<Where> }
  | { readonly kind: "not"; readonly of: Where }
  /** Text compares as it is written, code unit by code unit; `prefix`, `suffix`: a text that begins, or ends so (`=` and `!=` alone). */
  | {
      readonly kind: "compare";
      readonly attribute: string;
      readonly type: Exclude<ValueKind, "list">;
      readonly by: Comparator;
      readonly value: string | number | boolean;
      readonly open?: "prefix" | "suffix" | "both";
    }
  /** The item has the attribute, of whatever type (AIP-160: `name:*`); `value`: it is a list that has the text, or that text itself. */
  | { readonly kind: "has"; readonly attribute: string; readonly value?: string };

/** RFC 3339, with date, time and zone. */
const instant = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Unix milliseconds of a text that is a time; undefined for any other. */
export const instantOf = (text: string): number | undefined => {
  if (!instant.test(text)) return undefined;
  const time = Date.parse(text.toUpperCase());
  return Number.isNaN(time) ? undefined : time;
};

/** What kind of value it is. */
export const kindOf = (value: AttributeValue): ValueKind => {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return instantOf(value) === undefined ? "text" : "time";
  return "list";
};
