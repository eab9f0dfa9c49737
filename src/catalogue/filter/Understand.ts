/**
 * Understand: what a filter's tree says of a shop's attributes, by the names and kinds of values seen there.
 *
 * A value is of the first of its kinds that the attribute has: one that is written as a number is a number, or a text; true and false,
 * or a text; a time, or a text; all else is a text. In quotation marks it is a time or a text. An attribute of several kinds is
 * thus compared where it is of the value's.
 */
import { Either } from "effect";
import { nearest, sharingBegin } from "../../domain/Spelling.ts";
import { allOf, anyOf, type Comparator, instantOf, type ValueKind, type Where } from "../../domain/Where.ts";
import type { Literal } from "./Lexer.ts";
import type { FilterProblem, Restriction, Syntax } from "./Parser.ts";

/** By name and kind, how many items have such a value. */
export type Seen = ReadonlyMap<string, ReadonlyMap<ValueKind, number>>;

/** Most names that a message lists. */
const listed = 8;

type Understood = Either.Either<Where, FilterProblem>;

const wrong = (at: number, message: string, meant?: string): Understood =>
  Either.left({ at, message, ...(meant === undefined ? {} : { nearest: meant }) });

/** What answers call so, by what filters do. */
const inAnswers: ReadonlyMap<string, string> = new Map([
  ["prod_name", "title"],
  ["article_id", "item_id"],
]);

const meantBy = (name: string, seen: Seen): string | undefined => {
  const inCatalogue = inAnswers.get(name);
  if (inCatalogue !== undefined && seen.has(inCatalogue)) return inCatalogue;
  return nearest(name, seen.keys()) ?? sharingBegin(name, seen.keys());
};

const unknown = ({ at, text }: Restriction["name"], seen: Seen): Understood => {
  const meant = meantBy(text, seen);
  if (meant !== undefined) return wrong(at, `no item has an attribute ${text} (did you mean ${meant}?)`, meant);
  const names = [...seen.keys()];
  const more = names.length > listed ? ` and ${names.length - listed} more` : "";
  const known = names.length === 0 ? "" : `; there are ${names.slice(0, listed).join(", ")}${more}`;
  return wrong(at, `no item has an attribute ${text}${known}`);
};

const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** What a value can be, in the order in which it is taken for it. */
const readingsOf = ({ isQuoted, whole, ...literal }: Literal): ReadonlyMap<ValueKind, string | number | boolean> => {
  const readings = new Map<ValueKind, string | number | boolean>();
  if (!isQuoted && number.test(whole) && Number.isFinite(Number(whole))) readings.set("number", Number(whole));
  if (!isQuoted && (whole === "true" || whole === "false")) readings.set("boolean", whole === "true");
  const time = instantOf(whole);
  if (time !== undefined) readings.set("time", time);
  return readings.set("text", literal.text);
};

/** How to write what an attribute has. */
const examples: Readonly<Record<ValueKind, { readonly is: string; readonly write: (name: string) => string }>> = {
  text: { is: "a text", write: (name) => `${name} = "…"` },
  number: { is: "a number", write: (name) => `${name} < 30, without quotation marks` },
  boolean: { is: "true or false", write: (name) => `${name} = true` },
  time: { is: "a time", write: (name) => `${name} > "2026-01-31T12:00:00Z"` },
  list: { is: "a list", write: (name) => `${name}:"…"` },
};

const plainName = /^[^\s()"',<>=!:.-][^\s()"',<>=!:.]*(?:\.[^\s()"',<>=!:.]+)*$/;
/** A name as a filter may hold it. */
const written = (name: string): string => (plainName.test(name) ? name : JSON.stringify(name));

const mistyped = ({ name, value }: Restriction, kinds: ReadonlyArray<ValueKind>): Understood => {
  const is = kinds.map((kind) => examples[kind].is).join(" or ");
  const write = kinds.map((kind) => examples[kind].write(written(name.text))).join(", or ");
  return wrong(value.at, `${name.text} is ${is}: write ${write}`);
};

/** What is wrong with a value for whatever attribute. */
const malformed = ({ name, by, value }: Restriction): string | undefined => {
  if (value.starAt !== undefined) {
    return 'a star stands for any text at the beginning or the end alone; write "\\*" for the star itself';
  }
  if (!value.isQuoted && value.whole === "null") {
    return `null is no value: write NOT ${written(name.text)}:* for items without it`;
  }
  if (value.open !== undefined && by.text !== "=" && by.text !== "!=" && by.text !== ":") {
    return `a star goes with =, != and : alone; write "\\*" for the star itself`;
  }
  return undefined;
};

const compare = (restriction: Restriction, kinds: ReadonlySet<ValueKind>, by: Comparator): Understood => {
  const { name, value } = restriction;
  const readings = readingsOf(value);
  for (const [type, read] of readings) {
    if (type === "list" || !kinds.has(type)) continue;
    if (type === "boolean" && by !== "=" && by !== "!=") {
      return wrong(restriction.by.at, "true and false have no order: write = or !=");
    }
    const open = type === "text" && value.open !== undefined ? { open: value.open } : {};
    return Either.right({ kind: "compare", attribute: name.text, type, by, value: read, ...open });
  }
  return mistyped(restriction, [...kinds]);
};

/** `:` is membership in a list, and is `=` for all else. */
const has = (restriction: Restriction, kinds: ReadonlySet<ValueKind>): Understood => {
  const { name, value } = restriction;
  if (value.open === "both" && value.text === "") return Either.right({ kind: "has", attribute: name.text });
  const other = [...readingsOf(value).keys()].find((kind) => kinds.has(kind));
  if (other !== undefined && other !== "text") return compare(restriction, kinds, "=");
  if (!kinds.has("text") && !kinds.has("list")) return mistyped(restriction, [...kinds]);
  const open = value.open === undefined ? {} : { open: value.open };
  return Either.right({ kind: "has", attribute: name.text, value: value.text, ...open });
};

const restrictionOf = (restriction: Restriction, seen: Seen): Understood => {
  const { by, name, value } = restriction;
  const kinds = seen.get(name.text);
  if (kinds === undefined) return unknown(name, seen);
  const problem = malformed(restriction);
  if (problem !== undefined) return wrong(value.starAt ?? value.at, problem);
  const found = new Set(kinds.keys());
  return by.text === ":" ? has(restriction, found) : compare(restriction, found, by.text);
};

/** The condition, or the first thing that is wrong with it. */
export const understand = (syntax: Syntax, seen: Seen): Understood => {
  if (syntax.kind === "restriction") return restrictionOf(syntax, seen);
  if (syntax.kind === "not") return Either.map(understand(syntax.of, seen), (of) => ({ kind: "not", of }));
  return Either.map(Either.all(syntax.of.map((one) => understand(one, seen))), syntax.kind === "and" ? allOf : anyOf);
};
