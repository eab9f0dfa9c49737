/**
 * CsvRecords: pieces of CSV text to records, each with its line number and its text.
 *
 * Records are RFC 4180 (quotes doubled inside quotes, line ends and delimiters allowed there), ended by LF, CRLF or CR; a
 * blank before a quoted field and those behind it are no part of it, unless another quote goes on with it; a quote inside an
 * unquoted field stands for itself, and empty lines are skipped. This is how the SQL engine reads a file that it takes
 * (property-tested). What it refuses is read here line by line: csv-parse makes what it can of text behind a closing quote.
 *
 * A quote that is opened and never closed costs one line, not the rest of the file: that line is reported as broken and
 * reading goes on behind it. So a record of several lines must be strictly quoted and as wide as the header.
 */
import { parse } from "csv-parse/sync";

export interface Records {
  readonly cells: Array<ReadonlyArray<string>>;
  /** 1-based line of the file that the record starts on. */
  readonly lines: Array<number>;
  /** The record as it stands in the file, without its line end. */
  readonly raw: Array<string>;
  /** Lines that are no record. */
  readonly broken: Array<{ readonly line: number; readonly raw: string; readonly reason: string }>;
}

export interface CsvReader {
  /** Takes the next piece of the text; answers the records that are complete now. */
  readonly push: (text: string) => Records;
  /** Answers what is left when the text has ended. */
  readonly end: () => Records;
  /** The cells of the first record, once it was read, which is not among the records; its columns' numbers without a header. */
  readonly header: () => ReadonlyArray<string> | undefined;
}

/** Longest record, in characters: what is quoted for longer than this is taken for a quote that is not closed. */
export const longestRecord = 1 << 20;

/** How csv-parse is called; exported so that a test can hold us to it. */
export const parseOptions = (delimiter: string) => ({
  delimiter,
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
  record_delimiter: ["\r\n", "\n"],
});

const lineFeed = 10;
const carriageReturn = 13;
const isLineEnd = (unit: number): boolean => unit === lineFeed || unit === carriageReturn;

/** How many characters the line end at `at` has. */
const lineEndLength = (text: string, at: number): number =>
  text.charCodeAt(at) === carriageReturn && text.charCodeAt(at + 1) === lineFeed ? 2 : 1;

const countLineEnds = (text: string, from: number, to: number): number => {
  let lines = 0;
  for (let at = from; at < to; at++) {
    if (!isLineEnd(text.charCodeAt(at))) continue;
    lines++;
    at += lineEndLength(text, at) - 1;
  }
  return lines;
};

interface Strict {
  readonly cells: Array<string>;
  /** Where the record's line end is. */
  readonly end: number;
}

const blanksEnd = (text: string, from: number): number => {
  let at = from;
  while (text[at] === " ") at++;
  return at;
};

/**
 * The record at `start`, where each of its fields that begin with a quote is closed and followed by a delimiter or line end;
 * `open` where the text ends within quotes.
 */
const strictRecord = (text: string, start: number, delimiter: string): Strict | "open" | undefined => {
  const cells: Array<string> = [];
  let at = start;
  for (;;) {
    const quote = text[at] === " " ? at + 1 : at;
    if (text[quote] === '"') {
      let cell = "";
      let from = quote + 1;
      for (;;) {
        const close = text.indexOf('"', from);
        if (close === -1) return "open";
        cell += text.slice(from, close);
        from = close + 1;
        at = blanksEnd(text, from);
        if (text[at] !== '"') break;
        cell += at === from ? '"' : text.slice(from, at);
        from = at + 1;
      }
      cells.push(cell);
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

export interface CsvReaderOptions {
  /** Line of the file that the text begins with. */
  readonly line?: number;
  /** False: the first record is one like the others. */
  readonly header?: boolean;
}

export const makeCsvReader = (
  delimiter: string,
  { line: firstLine = 1, header: hasHeader = true }: CsvReaderOptions = {},
): CsvReader => {
  const options = parseOptions(delimiter);
  let rest = "";
  let line = firstLine;
  let header: ReadonlyArray<string> | undefined;
  let out: Records = { cells: [], lines: [], raw: [], broken: [] };

  const add = (cells: ReadonlyArray<string>, raw: string): void => {
    if (header === undefined) {
      header = hasHeader ? cells : cells.map((_, i) => String(i + 1));
      if (hasHeader) return;
    }
    out.cells.push(cells);
    out.lines.push(line);
    out.raw.push(raw);
  };

  /** A line with quotes that are not where they should be: one record, or broken. */
  const takeOdd = (raw: string): void => {
    let records: ReadonlyArray<ReadonlyArray<string>> = [];
    try {
      records = parse(`${raw}\n`, options);
    } catch {
      records = [];
    }
    if (records.length === 1) add(records[0], raw);
    else out.broken.push({ line, raw, reason: "a quote is opened and not closed" });
    line++;
  };

  /** Reads `text` from a record's start, behind which there is more unless it is the `last`; answers what must wait. */
  const take = (text: string, last: boolean): string => {
    let at = 0;
    let feed = -1;
    let back = -1;
    let quote = -1;
    const seek = (unit: string, known: number): number => {
      if (known >= at) return known;
      const found = text.indexOf(unit, at);
      return found === -1 ? text.length : found;
    };
    while (at < text.length) {
      feed = seek("\n", feed);
      back = seek("\r", back);
      quote = seek('"', quote);
      const end = Math.min(feed, back);
      // A carriage return at the very end may have its line feed in the next piece.
      if (!last && (end >= text.length || (end === text.length - 1 && back === end))) break;
      if (quote >= end) {
        if (end > at) {
          const raw = text.slice(at, end);
          add(raw.split(delimiter), raw);
        }
        line++;
        at = end + lineEndLength(text, end);
        continue;
      }
      const strict = strictRecord(text, at, delimiter);
      const cut = strict === "open" || (strict !== undefined && strict.end >= text.length - 1);
      if (cut && !last && text.length - at < longestRecord) break;
      const whole = strict === "open" ? undefined : strict;
      const fits = whole?.end === end || header === undefined || whole?.cells.length === header.length;
      if (whole !== undefined && fits) {
        add(whole.cells, text.slice(at, whole.end));
        line += countLineEnds(text, at, whole.end) + 1;
        at = whole.end + lineEndLength(text, whole.end);
      } else {
        takeOdd(text.slice(at, end));
        at = end + lineEndLength(text, end);
      }
    }
    const left = text.slice(at);
    if (left.length <= longestRecord || /[\r\n]/.test(left)) return left;
    out.broken.push({ line, raw: left, reason: `no line end within ${longestRecord} characters` });
    return "";
  };

  const drain = (): Records => {
    const records = out;
    out = { cells: [], lines: [], raw: [], broken: [] };
    return records;
  };

  return {
    push: (text) => {
      rest = take(rest === "" ? text : rest + text, false);
      return drain();
    },
    end: () => {
      if (rest !== "") take(rest, true);
      rest = "";
      return drain();
    },
    header: () => header,
  };
};
