/**
 * Where: a condition on an item's attributes, as it was understood: names are known, values are of the attribute's type.
 *
 * A comparison is true of an item that has a value of the comparison's type, and the value compares so. So each comparison with what
 * an item lacks is false, `!=` as well (AIP-160: what is not set matches nothing, whatever the comparator), and "not" of it is true.
 */
import { type AttributeValue, attributePrefix } from "./ItemRecord.ts";

export type Comparator = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** Kinds of values: a text, a number, true or false, a time (unix milliseconds), a list of texts. */
export type ValueKind = "text" | "number" | "boolean" | "time" | "list";

/** Where a text goes on beyond what is written: at its end, at its beginning, at both. */
export type Open = "prefix" | "suffix" | "both";

export type Where =
  /** Of nothing: `and` is true, `or` is false. */
  | { readonly kind: "and" | "or"; readonly of: ReadonlyArray<Where> }
  | { readonly kind: "not"; readonly of: Where }
  | Comparison
  | Having;

/** Texts compare as they are written, code unit by code unit; true and false by `=` and `!=` alone. */
export interface Comparison {
  readonly kind: "compare";
  readonly attribute: string;
  readonly type: Exclude<ValueKind, "list">;
  readonly by: Comparator;
  /** A time: unix milliseconds. */
  readonly value: string | number | boolean;
  /** Of a text, by `=` and `!=` alone. */
  readonly open?: Open;
}

/** The item has the attribute, of whatever type; with `value`: it is a list that has this text, or this text itself. */
export interface Having {
  readonly kind: "has";
  readonly attribute: string;
  readonly value?: string;
  readonly open?: Open;
}

/** All of them; one alone as it stands. */
export const allOf = (conditions: ReadonlyArray<Where>): Where => joined("and", conditions);

/** One of them at least; one alone as it stands. */
export const anyOf = (conditions: ReadonlyArray<Where>): Where => joined("or", conditions);

/** Those of the same kind within it are its own. */
const joined = (kind: "and" | "or", conditions: ReadonlyArray<Where>): Where => {
  const of = conditions.flatMap((one) => (one.kind === kind ? one.of : [one]));
  return of.length === 1 ? of[0] : { kind, of };
};

/** Whether a text is `wanted`, or goes on beyond it where that is open. */
export const isText = (text: string, wanted: string, open: Open | undefined): boolean => {
  if (open === undefined) return text === wanted;
  if (open === "prefix") return text.startsWith(wanted);
  return open === "suffix" ? text.endsWith(wanted) : text.includes(wanted);
};

/** RFC 3339, with date, time and zone. */
const instant = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

const shortestInstant = "2026-01-01T00:00:00Z".length;

/** Unix milliseconds of a text that is a time; undefined for any other. */
export const instantOf = (text: string): number | undefined => {
  if (text.length < shortestInstant || !instant.test(text)) return undefined;
  const time = Date.parse(text.toUpperCase());
  return Number.isNaN(time) ? undefined : time;
};

/**
 * Whether a text is a time of a day and an hour that there are. What runs over, such as 30 February or 24:00, is no time of RFC 3339;
 * where it stands already, `instantOf` takes it for what follows.
 */
export const isRealInstant = (text: string): boolean => {
  const day = text.slice(0, "2026-01-01".length);
  const time = instantOf(`${day}T00:00:00Z`);
  const isDay = time !== undefined && new Date(time).toISOString().startsWith(day);
  return isDay && instantOf(text) !== undefined && text.slice(11, 13) !== "24";
};

/** What kind of value it is. */
export const kindOf = (value: AttributeValue): ValueKind => {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return instantOf(value) === undefined ? "text" : "time";
  return "list";
};

/** Names that are an item's own, beside its attributes. */
const ownNames: ReadonlySet<string> = new Set(["item_id", "title", "available", "valid_from", "valid_until"]);

/** Fields that are text whatever it looks like. */
export const ownTexts: ReadonlySet<string> = new Set(["item_id", "title"]);

/** The name by which conditions know a record's field: an attribute's own, unless it could be taken for another field: then the field's. */
export const nameOfField = (field: string): string => {
  if (!field.startsWith(attributePrefix)) return field;
  const name = field.slice(attributePrefix.length);
  return ownNames.has(name) || name.startsWith(attributePrefix) ? field : name;
};
