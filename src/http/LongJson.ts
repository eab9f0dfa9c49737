/**
 * LongJson: JSON text as `JSON.parse` reads it; a long list in pieces of some elements, so that other requests have their turn between
 * them. A single element is read as a whole, however long it is.
 */
import { Effect, Either } from "effect";
import { othersFirst } from "../vitals/OthersFirst.ts";

/** Characters that are read before others get their turn: a few milliseconds at the worst. */
const atOnce = 65_536;

const quote = 34;
const comma = 44;
const backslash = 92;

/** Where the text of a string ends that begins at `from`; -1: nowhere. */
const endOfText = (text: string, from: number): number => {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let first = at;
    while (text.charCodeAt(first - 1) === backslash) first -= 1;
    if ((at - first) % 2 === 0) return at;
  }
  return -1;
};

/** The first comma between elements that is `least` characters away, or the list's end; -1: there is neither. */
const endOfPiece = (text: string, from: number, least: number): number => {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfText(text, at);
      if (at === -1) return -1;
    } else if (code === comma) {
      if (depth === 0 && at - from >= least) return at;
      // Square and curly brackets differ in this bit alone from each other's kind.
    } else if ((code | 32) === 123) depth += 1;
    else if ((code | 32) === 125) {
      if (depth === 0) return text[at] === "]" ? at : -1;
      depth -= 1;
    }
  }
  return -1;
};

type Parsed<A = unknown> = Either.Either<A, string>;

/** `from`: where the text begins in what was sent, which errors are to name. */
const parsed = (text: string, from = 0): Parsed => {
  try {
    return Either.right(JSON.parse(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : "it cannot be parsed";
    if (from === 0) return Either.left(why);
    const there = (at: string) => `position ${Number(at) + from}`;
    return Either.left(why.replace(/ \(line \d+ column \d+\)/, "").replace(/position (\d+)/, (_, at) => there(at)));
  }
};

const longList = (text: string, start: number, least: number): Effect.Effect<unknown, string> =>
  Effect.gen(function* () {
    const all: Array<unknown> = [];
    for (let from = start; ; ) {
      const end = endOfPiece(text, from, least);
      const piece = parsed(end === -1 ? `[${text.slice(from)}` : `[${text.slice(from, end)}]`, from - 1);
      if (Either.isLeft(piece)) return yield* Effect.fail(piece.left);
      const some = piece.right as ReadonlyArray<unknown>;
      const isLast = text[end] === "]";
      const isList = end !== -1 && (some.length > 0 || (from === start && isLast));
      if (!isList) return yield* Effect.fail(`an element is missing at position ${from}`);
      for (const one of some) all.push(one);
      from = end + 1;
      if (!isLast) yield* othersFirst;
      else if (/^[ \t\n\r]*$/.test(text.slice(from))) return all;
      else return yield* Effect.fail(`there is more than JSON at position ${from}`);
    }
  });

/** The value, or why the text is not JSON. */
export const parseInTurns = (text: string, least = atOnce): Effect.Effect<unknown, string> => {
  if (text.length <= least) return parsed(text);
  const [begin] = /^[ \t\n\r]*\[/.exec(text) ?? [];
  return begin === undefined ? parsed(text) : longList(text, begin.length, least);
};
