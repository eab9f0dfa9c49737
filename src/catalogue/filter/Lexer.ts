/**
 * Lexer: the next word of a filter, by the terminals of AIP-160's grammar (https://google.aip.dev/160).
 *
 * What a word is depends on where it stands: `-` before a name denies it, before a value it is the number's sign; `.` parts a name,
 * and is within a value; so is `:`, as times have it. In quotation marks, of either kind, a text is anything: `\` before a character
 * stands for that character (`\n`, `\r`, `\t`: for a line's end and a tab), so that `\*` is a star.
 */
import type { Open } from "../../domain/Where.ts";

/** A text, as written bare or in quotation marks. */
export interface Literal {
  /** Where it begins, in characters from 0. */
  readonly at: number;
  /** As it was meant, stars and all. */
  readonly whole: string;
  /** Without the stars at its ends. */
  readonly text: string;
  readonly isQuoted: boolean;
  /** By stars at its ends. */
  readonly open?: Open;
  /** Where a star stands that is at neither end. */
  readonly starAt?: number;
}

export type Token = { readonly at: number /** Where it is over. */; readonly end: number } & (
  | { readonly kind: "end" | "(" | ")" | "," | "." | "-" }
  | { readonly kind: "comparator"; readonly text: Comparing }
  | { readonly kind: "literal"; readonly literal: Literal }
  | { readonly kind: "wrong"; readonly message: string }
);

/** Longer ones first, as they begin alike. */
const comparators = ["<=", ">=", "!=", "<", ">", "=", ":"] as const;
export type Comparing = (typeof comparators)[number];

/** What bare text ends before, by where it stands. */
const bare = { name: /[^\s()"',.<>=!:]+/y, value: /[^\s()"',<>=!]+/y };
const space = /\s*/y;

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** A star that was not escaped: where in the text, and where in the filter. */
interface Star {
  readonly index: number;
  readonly at: number;
}

const literalOf = (at: number, isQuoted: boolean, whole: string, stars: ReadonlyArray<Star>): Literal => {
  const last = whole.length - 1;
  const begins = stars[0]?.index === 0;
  const ends = stars.length > 0 && stars[stars.length - 1].index === last;
  const within = stars.find(({ index }) => index !== 0 && index !== last);
  const open: Open | undefined = begins ? (ends ? "both" : "suffix") : ends ? "prefix" : undefined;
  return {
    at,
    isQuoted,
    whole,
    text: whole.slice(begins ? 1 : 0, ends ? Math.max(last, 1) : undefined),
    ...(open === undefined ? {} : { open }),
    ...(within === undefined ? {} : { starAt: within.at }),
  };
};

const quoted = (filter: string, at: number): Token => {
  const stars: Array<Star> = [];
  let whole = "";
  for (let i = at + 1; i < filter.length; i++) {
    const character = filter[i];
    if (character === filter[at]) {
      return { kind: "literal", at, end: i + 1, literal: literalOf(at, true, whole, stars) };
    }
    if (character === "*") stars.push({ index: whole.length, at: i });
    if (character !== "\\") whole += character;
    else if (++i < filter.length) whole += escapes[filter[i]] ?? filter[i];
  }
  return { kind: "wrong", at, end: filter.length, message: `the quotation mark ${filter[at]} is never closed` };
};

/** The word that begins at `from` or behind the spaces there. */
export const tokenAt = (filter: string, from: number, place: "name" | "value"): Token => {
  space.lastIndex = from;
  space.test(filter);
  const at = space.lastIndex;
  if (at >= filter.length) return { kind: "end", at: filter.length, end: filter.length };
  const first = filter[at];
  if (first === '"' || first === "'") return quoted(filter, at);
  if (first === "(" || first === ")" || first === ",") return { kind: first, at, end: at + 1 };
  if (place === "name" && (first === "." || first === "-")) return { kind: first, at, end: at + 1 };
  const comparator =
    place === "value" && first === ":" ? undefined : comparators.find((one) => filter.startsWith(one, at));
  if (comparator !== undefined) return { kind: "comparator", text: comparator, at, end: at + comparator.length };
  bare[place].lastIndex = at;
  const text = bare[place].exec(filter)?.[0];
  if (text === undefined) return { kind: "wrong", at, end: at + 1, message: `${first} has no meaning here` };
  const stars = Array.from(text.matchAll(/\*/g), ({ index }) => ({ index, at: at + index }));
  return { kind: "literal", at, end: at + text.length, literal: literalOf(at, false, text, stars) };
};
