/**
 * Parser: a filter's text as a tree, by AIP-160's grammar (https://google.aip.dev/160), whatever the attributes are.
 *
 * Conditions side by side are all meant, as with AND; OR binds tighter than AND; NOT or `-` denies the one condition behind it. Parts of
 * a name are joined by dots, in quotation marks where they have other characters than a bare text may. Instead of a value there may
 * be several in parentheses, joined alike; there `-` before a digit is the number's. Functions and values without a name are not taken, since nothing says what they mean here.
 */
import { Either } from "effect";
import { type Comparing, type Literal, type Token, tokenAt } from "./Lexer.ts";

/** What is wrong with a filter. */
export interface FilterProblem {
  /** Where, in characters from 0. */
  readonly at: number;
  readonly message: string;
  /** The name that was probably meant. */
  readonly nearest?: string;
}

export interface Restriction {
  readonly kind: "restriction";
  readonly name: { readonly at: number; readonly text: string };
  readonly by: { readonly at: number; readonly text: Comparing };
  readonly value: Literal;
}

export type Syntax =
  | { readonly kind: "and" | "or"; readonly of: ReadonlyArray<Syntax> }
  | { readonly kind: "not"; readonly of: Syntax }
  | Restriction;

export const maxLength = 2_000;
export const maxDepth = 32;
export const maxTerms = 100;

type About = Pick<Restriction, "name" | "by">;

/** Undefined: there is a problem. */
type Parsed = Syntax | undefined;

const keywords = ["AND", "OR", "NOT"];

const isWord = (token: Token): token is Token & { readonly kind: "literal" } => token.kind === "literal";
const isBare = (token: Token, text?: string): boolean =>
  isWord(token) && !token.literal.isQuoted && (text === undefined || token.literal.whole === text);

/** A token as a message names it. */
const shown = (token: Token, filter: string): string =>
  token.kind === "end" ? "the filter ends" : `there is ${filter.slice(token.at, token.end).slice(0, 40)}`;

/** One pass over one filter. */
const makeParser = (filter: string) => {
  let next = 0;
  let depth = 0;
  let terms = 0;
  let problem: FilterProblem | undefined;

  /** The first one is told. */
  const fail = (at: number, message: string): undefined => {
    problem ??= { at, message };
  };
  const peek = (place: "name" | "value" = "name"): Token => tokenAt(filter, next, place);
  const take = (token: Token): void => {
    next = token.end;
  };
  const missing = (token: Token, wanted: string): undefined =>
    fail(token.at, token.kind === "wrong" ? token.message : `${wanted}, but ${shown(token, filter)}`);

  const deeper = (at: number, parse: () => Parsed): Parsed => {
    if (depth === maxDepth) return fail(at, `the filter is nested more than ${maxDepth} deep`);
    depth++;
    const parsed = parse();
    depth--;
    return parsed;
  };

  /** What stands between factors is AND, or nothing. */
  const expression = (about: About | undefined): Parsed => {
    const of: Array<Syntax> = [];
    for (;;) {
      const one = factor(about);
      if (one === undefined) return undefined;
      of.push(one);
      const token = peek();
      if (token.kind === "end" || token.kind === ")") return of.length === 1 ? one : { kind: "and", of };
      if (isBare(token, "AND")) take(token);
    }
  };

  const factor = (about: About | undefined): Parsed => {
    const of: Array<Syntax> = [];
    for (;;) {
      const one = term(about);
      if (one === undefined) return undefined;
      of.push(one);
      const token = peek();
      if (!isBare(token, "OR")) return of.length === 1 ? one : { kind: "or", of };
      take(token);
    }
  };

  const term = (about: About | undefined): Parsed => {
    const isDenied = about === undefined || /^-[^\d.]/.test(filter.slice(peek().at, peek().at + 2));
    const token = peek(isDenied ? "name" : "value");
    if (token.kind !== "-" && !isBare(token, "NOT")) return simple(about);
    take(token);
    const denied = simple(about);
    return denied && { kind: "not", of: denied };
  };

  const simple = (about: About | undefined): Parsed => {
    const token = peek(about === undefined ? "name" : "value");
    if (token.kind === "(") return composite(token, about);
    if (++terms > maxTerms) return fail(token.at, `the filter has more than ${maxTerms} conditions`);
    return about === undefined ? restriction(token) : valueOf(about);
  };

  const composite = (opening: Token, about: About | undefined): Parsed =>
    deeper(opening.at, () => {
      take(opening);
      const within = expression(about);
      if (within === undefined) return undefined;
      const token = peek();
      if (token.kind !== ")") return fail(opening.at, "the parenthesis ( is never closed");
      take(token);
      return within;
    });

  const restriction = (first: Token): Parsed => {
    const name = nameFrom(first);
    if (name === undefined) return undefined;
    const comparator = peek();
    if (comparator.kind === "(") return fail(first.at, `${name} is called as a function: there are none`);
    if (comparator.kind === "wrong") return fail(comparator.at, comparator.message);
    if (comparator.kind !== "comparator") return nameless(first, name);
    take(comparator);
    const about = { name: { at: first.at, text: name }, by: { at: comparator.at, text: comparator.text } };
    const argument = peek("value");
    if (argument.kind !== "(") return valueOf(about);
    if (comparator.text === "=" || comparator.text === ":") return composite(argument, about);
    return fail(argument.at, "several values in parentheses go with = and : alone");
  };

  /** A value that is compared with nothing. */
  const nameless = (token: Token, text: string): undefined => {
    const meant = { and: "AND", "&&": "AND", "&": "AND", or: "OR", "||": "OR", "|": "OR", not: "NOT" }[
      text.toLowerCase()
    ];
    const says = meant === undefined ? `write what to compare, as in NAME = "${text}"` : `write ${meant} for it`;
    return fail(token.at, `${text} is a word without a comparison: ${says}`);
  };

  const nameFrom = (first: Token): string | undefined => {
    const parts: Array<string> = [];
    for (let token = first; ; token = peek()) {
      if (!isWord(token)) return missing(token, "a name must stand here");
      if (parts.length === 0 && keywords.some((keyword) => isBare(token, keyword))) {
        return missing(token, "a condition must stand here");
      }
      parts.push(token.literal.whole);
      take(token);
      const dot = peek();
      if (dot.kind !== ".") return parts.join(".");
      take(dot);
    }
  };

  const valueOf = (about: About): Parsed => {
    const token = peek("value");
    if (!isWord(token)) return missing(token, `a value must stand behind ${about.by.text}`);
    if (keywords.some((keyword) => isBare(token, keyword))) {
      return fail(
        token.at,
        `a value must stand behind ${about.by.text}; write "${token.literal.whole}" where that is it`,
      );
    }
    take(token);
    return { kind: "restriction", ...about, value: token.literal };
  };

  const whole = (): Either.Either<Syntax, FilterProblem> => {
    const parsed = peek().kind === "end" ? ({ kind: "and", of: [] } as const) : expression(undefined);
    if (parsed !== undefined && peek().kind !== "end") fail(peek().at, "the parenthesis ) was never opened");
    return parsed === undefined || problem !== undefined
      ? Either.left(problem ?? { at: 0, message: "is no filter" })
      : Either.right(parsed);
  };
  return whole;
};

/** The tree of a filter, which of nothing but spaces is true of all items; or the first thing that is wrong with it. */
export const parse = (filter: string): Either.Either<Syntax, FilterProblem> =>
  filter.length > maxLength
    ? Either.left({ at: maxLength, message: `the filter has more than ${maxLength} characters` })
    : makeParser(filter)();
