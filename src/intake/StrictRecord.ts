/**
 * StrictRecord: one record of CSV, strictly quoted.
 *
 * Quotes within quotes are doubled (RFC 4180), or stand behind a backslash, as MySQL, Hive and Spark write them: there a
 * backslash stands for itself unless a quote, a backslash or a line end follows.
 */
export type Escape = "doubled" | "backslash";

export interface Strict {
  readonly cells: Array<string>;
  /** Where the record's line end is. */
  readonly end: number;
}

const lineFeed = 10;
const carriageReturn = 13;
const isLineEnd = (unit: number): boolean => unit === lineFeed || unit === carriageReturn;

/** How many characters the line end at `at` has. */
export const lineEndLength = (text: string, at: number): number =>
  text.charCodeAt(at) === carriageReturn && text.charCodeAt(at + 1) === lineFeed ? 2 : 1;

export const countLineEnds = (text: string, from: number, to: number): number => {
  let lines = 0;
  for (let at = from; at < to; at++) {
    if (!isLineEnd(text.charCodeAt(at))) continue;
    lines++;
    at += lineEndLength(text, at) - 1;
  }
  return lines;
};

const blanksEnd = (text: string, from: number): number => {
  let at = from;
  while (text[at] === " ") at++;
  return at;
};

/** Where the quote is that ends what begins at `from`; -1 where there is none. */
const closingQuote = (text: string, from: number, escape: Escape): number => {
  let close = text.indexOf('"', from);
  if (escape === "doubled") return close;
  for (; close !== -1; close = text.indexOf('"', close + 1)) {
    let backslashes = 0;
    while (close - backslashes > from && text[close - backslashes - 1] === "\\") backslashes++;
    if (backslashes % 2 === 0) return close;
  }
  return -1;
};

/**
 * The record at `start`, where each of its fields that begin with a quote is closed and followed by a delimiter or line end;
 * `open` where the text ends within quotes.
 */
export const strictRecord = (
  text: string,
  start: number,
  delimiter: string,
  escape: Escape,
): Strict | "open" | undefined => {
  const cells: Array<string> = [];
  let at = start;
  for (;;) {
    const quote = text[at] === " " ? at + 1 : at;
    if (text[quote] === '"') {
      let cell = "";
      let from = quote + 1;
      for (;;) {
        const close = closingQuote(text, from, escape);
        if (close === -1) return "open";
        cell += text.slice(from, close);
        from = close + 1;
        at = blanksEnd(text, from);
        if (text[at] !== '"' || escape === "backslash") break;
        cell += at === from ? '"' : text.slice(from, at);
        from = at + 1;
      }
      cells.push(escape === "backslash" ? cell.replaceAll(/\\(["\\\r\n])/g, "$1") : cell);
      if (at < text.length && text[at] !== delimiter && !isLineEnd(text.charCodeAt(at))) return undefined;
    } else {
      const from = at;
      while (at < text.length && text[at] !== delimiter && !isLineEnd(text.charCodeAt(at))) at++;
      cells.push(text.slice(from, at));
    }
    if (text[at] !== delimiter) return { cells, end: at };
    at++;
  }
};
