/**
 * ItemInput: an item as PUT, PATCH and POST /items take it, and what is said of one that is not as it should be.
 *
 * Read by hand rather than by a schema: lists of millions pass here. `ItemSchema.ts` says the same to clients, and a test compares
 * the two. What a field is, is the same everywhere: null is no value, and what an answer tells of an item may be sent back.
 */
import { Either } from "effect";
import { idProblem, longestId } from "../../domain/Ids.ts";
import { type AttributeValue, attributePrefix, type Fields, type Patch } from "../../domain/ItemRecord.ts";
import { nearest } from "../../domain/Spelling.ts";
import { instantOf, isRealInstant } from "../../domain/Where.ts";
import { type FieldError, shown } from "../FieldError.ts";

export const maxAttributes = 100;
/** Of attributes, of all items together: each takes some bytes per item of the shop. */
export const mostNames = 1000;
/** In UTF-16 units, as all lengths of text. */
export const longestName = 128;
export const longestText = 4096;
export const longestList = 1000;
/** Of all names and texts of an item together. */
export const mostText = 65_536;
/** Of a list of items. */
export const maxItems = 1000;
/** Single fields that were set, or lost their value, since the item was put. */
export const mostWords = 1000;

/** Fields that have a value of their own. */
const own = ["title", "available", "valid_from", "valid_until"];
/** What an answer has beside them and the attributes: sent back, `item_id` alone means something. */
const known = [...own, "attributes", "item_id", "item_idx", "changed_at"];

/** Names that are no attribute's: they are fields of the item, and filters know them as such. */
export const reservedNames: ReadonlyArray<string> = [...own, "item_id"];

export interface ItemInput {
  /** As the body has it. */
  readonly itemId: string | undefined;
  /** By the names of `ItemRecord`; null: no value. */
  readonly words: Patch["fields"];
  /** `attributes` is null: there is to be none. */
  readonly clearsAttributes: boolean;
}

const unfit = /[\p{Cc}\p{Cs}]/u;
/** Texts may have lines and tabs, and no half of a surrogate pair, which no UTF-8 can say. */
const half = /\p{Cs}/u;

const time = "a time with its zone, such as 2026-12-01T00:00:00Z, or null for none";
const text = `text of up to ${longestText} characters, or null for none`;
const attribute = `text of up to ${longestText} characters, a finite number, true or false, a list of up to ${longestList} texts, or null for none`;

const isText = (value: unknown): value is string =>
  typeof value === "string" && value.length <= longestText && !half.test(value);

const isAttribute = (value: unknown): value is AttributeValue =>
  isText(value) ||
  typeof value === "boolean" ||
  (typeof value === "number" && Number.isFinite(value)) ||
  (Array.isArray(value) && value.length <= longestList && value.every(isText));

const lengthOf = (value: unknown): number =>
  typeof value === "string" ? value.length : Array.isArray(value) ? value.reduce((sum, one) => sum + one.length, 0) : 0;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What forbids the name of an attribute, and what to do instead. */
const nameProblem = (name: string): string | undefined => {
  if (reservedNames.includes(name)) {
    return `${name} is a field of the item itself: ${name === "item_id" ? "leave it out here" : `send ${name} beside attributes`}, or choose another name`;
  }
  if (name === "__proto__") return "choose another name";
  return name === "" || name.length > longestName || unfit.test(name)
    ? `choose a name of 1 to ${longestName} characters, without control characters`
    : undefined;
};

const fieldProblem = (name: string, value: unknown): string | undefined => {
  switch (name) {
    case "title":
      return value === null || isText(value) ? undefined : `send ${text}`;
    case "available":
      return value === null || typeof value === "boolean" ? undefined : "send true or false";
    case "valid_from":
    case "valid_until":
      return value === null || (typeof value === "string" && isRealInstant(value)) ? undefined : `send ${time}`;
    case "attributes":
      return value === null || isObject(value) ? undefined : "send an object of names and values, or null for none";
    case "item_id":
      return typeof value === "string" ? idProblemOf(value) : "send the item's id as text";
    default: {
      const meant = nearest(name, known);
      return known.includes(name)
        ? undefined
        : `there is no such field${meant === undefined ? "" : ` (did you mean ${meant}?)`}: put what you know of an item into attributes`;
    }
  }
};

/** As the domain has it, and no half of a surrogate pair. */
export const idProblemOf = (id: string): string | undefined => {
  const wrong = idProblem("item_id", id);
  if (wrong !== undefined) return `${wrong}: send the shop's own id, of 1 to ${longestId} characters`;
  return half.test(id) ? "send an id that is sound Unicode" : undefined;
};

/** What is wrong with an item as a whole; `at` makes the name of a field. */
export const fieldsProblems = (
  fields: Patch["fields"],
  at: (field: string) => string = (field) => field || "body",
): ReadonlyArray<FieldError> => {
  const wrong: Array<FieldError> = [];
  let attributes = 0;
  let characters = 0;
  for (const name in fields) {
    characters += lengthOf(fields[name]);
    if (name.startsWith(attributePrefix)) {
      if (fields[name] !== null) attributes += 1;
      characters += name.length - attributePrefix.length;
    }
  }
  if (attributes > maxAttributes) {
    const detail = `send up to ${maxAttributes} attributes`;
    wrong.push({ field: at("attributes"), value: `${attributes} attributes`, detail });
  }
  if (characters > mostText) {
    const detail = `send up to ${mostText} characters of names and texts per item`;
    wrong.push({ field: at(""), value: `${characters} characters in all`, detail });
  }
  const { valid_from: from, valid_until: until } = fields;
  if (typeof from === "string" && typeof until === "string" && (instantOf(from) ?? 0) >= (instantOf(until) ?? 0)) {
    wrong.push({ field: at("valid_until"), value: until, detail: "send a time after valid_from" });
  }
  return wrong;
};

/** What is said, or everything that is wrong with it; `prefix` comes before each field, such as `[2]`. */
export const decodeItem = (input: unknown, prefix: string): Either.Either<ItemInput, ReadonlyArray<FieldError>> => {
  const at = (field: string) => (prefix === "" ? field || "body" : field === "" ? prefix : `${prefix}.${field}`);
  if (!isObject(input)) {
    return Either.left([{ field: prefix || "body", value: shown(input), detail: "send an item as a JSON object" }]);
  }
  const wrong: Array<FieldError> = [];
  const words: Record<string, AttributeValue | null> = {};
  const say = (name: string, field: string, value: unknown, problem: string | undefined) => {
    if (problem === undefined) words[name] = value as AttributeValue | null;
    else wrong.push({ field: at(String(shown(field))), value: shown(value), detail: problem });
  };
  for (const [name, value] of Object.entries(input)) {
    const problem = fieldProblem(name, value);
    if (problem !== undefined || own.includes(name)) say(name, name, value, problem);
  }
  for (const [name, value] of isObject(input.attributes) ? Object.entries(input.attributes) : []) {
    const fits = value === null || isAttribute(value);
    const problem = nameProblem(name) ?? (fits ? undefined : `send ${attribute}`);
    say(`${attributePrefix}${name}`, `attributes.${name}`, value, problem);
  }
  wrong.push(...fieldsProblems(words, at));
  if (wrong.length > 0) return Either.left(wrong);
  const itemId = typeof input.item_id === "string" ? input.item_id : undefined;
  return Either.right({ itemId, words, clearsAttributes: input.attributes === null });
};

/** All there is to say: available unless it says otherwise. */
export const replacementOf = ({ words }: ItemInput): Fields => {
  const fields: Record<string, AttributeValue> = { available: true };
  for (const name in words) {
    const value = words[name];
    if (value !== null) fields[name] = value!;
  }
  return fields;
};

/** What is named is to be said, null: to have no value. `now` is what the item has. */
export const patchOf = ({ clearsAttributes, words }: ItemInput, now: Fields): Patch["fields"] => {
  if (!clearsAttributes) return words;
  const cleared = Object.keys(now).filter((name) => name.startsWith(attributePrefix));
  return { ...Object.fromEntries(cleared.map((name) => [name, null])), ...words };
};
