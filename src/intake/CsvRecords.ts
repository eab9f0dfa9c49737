/**
 * CsvRecords: pieces of CSV text to records, each with its line number and its text.
 *
 * Records are RFC 4180 (quotes doubled inside quotes, line ends and delimiters allowed there), ended by LF, CRLF or CR; a
 * blank before a quoted field and those behind it are no part of it, unless another quote goes on with it; a quote inside an
 * unquoted field stands for itself, and empty lines are skipped. This is how the SQL engine reads a file that it takes
 * (property-tested). What it refuses is read here line by line: csv-parse makes what it can of text behind a closing quote.
 *
 * A quote that is opened and never closed costs one line, not the rest of the file: that line is reported as broken and
 * reading goes on behind it. So a record of several lines must be strictly quoted and as wide as the header. A line that is
 * too long costs one line, too, in memory bounded by the longest.
 *
 * Where quotes are escaped by a backslash, nothing is made of lines that are not strictly quoted so.
 */
import { parse } from "csv-parse/sync";
import { countLineEnds, type Escape, lineEndLength, type Strict, strictRecord } from "./StrictRecord.ts";

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
  /** How the quotes within quotes are written, of what was read as doubled: undefined where nothing tells. */
  readonly escape: () => Escape | undefined;
}

/**
 * Longest line, in characters, and what is quoted for longer than this is taken for a quote that is not closed. The SQL
 * engine takes lines of as many bytes.
 */
export const longestRecord = 2_000_000;

/** Characters that are kept of a line that is too long. */
const keptOfLong = 1000;

/** How csv-parse is called; exported so that a test can hold us to it. */
export const parseOptions = (delimiter: string) => ({
  delimiter,
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
  record_delimiter: ["\r\n", "\n"],
});

export interface CsvReaderOptions {
  /** Line of the file that the text begins with. */
  readonly line?: number;
  /** False: the first record is one like the others. */
  readonly header?: boolean;
  readonly escape?: Escape;
}

const backslashed = '\\"';
const brokenReason = {
  open: "a quote is opened and not closed",
  mixed: `it has \\" where other rows double quotes (""), or that makes no sense: write quotes within quotes doubled in all rows`,
  backslash: `a quote is not closed, or is followed by text: quotes within quotes are \\" in this file`,
};

export const makeCsvReader = (
  delimiter: string,
  { line: firstLine = 1, header: hasHeader = true, escape = "doubled" }: CsvReaderOptions = {},
): CsvReader => {
  const options = parseOptions(delimiter);
  let rest = "";
  let line = firstLine;
  let header: ReadonlyArray<string> | undefined;
  /** The line that is being skipped, for it is too long. */
  let long: { readonly begin: string; length: number } | undefined;
  /** Whether records were seen that can be read but one way. */
  const only = { doubled: false, backslash: false };
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

  const reject = (raw: string, reason: string): void => {
    out.broken.push({ line, raw, reason });
  };

  const rejectLong = (begin: string, length: number): void =>
    reject(
      `${begin.slice(0, keptOfLong)}…`,
      `the line has ${length} characters, more than ${longestRecord}: is a line end lost, or a quote not closed?`,
    );

  /** A line with quotes that are not where they should be: one record, or broken. */
  const takeOdd = (raw: string): void => {
    let records: ReadonlyArray<ReadonlyArray<string>> = [];
    try {
      records = escape === "doubled" ? parse(`${raw}\n`, options) : [];
    } catch {
      records = [];
    }
    if (escape === "backslash") reject(raw, brokenReason.backslash);
    else if (raw.includes(backslashed)) reject(raw, brokenReason.mixed);
    else if (records.length === 1) add(records[0] as ReadonlyArray<string>, raw);
    else reject(raw, brokenReason.open);
    line++;
  };

  const isWhole = (record: Strict | "open" | undefined): record is Strict =>
    typeof record === "object" && (header === undefined || record.cells.length === header.length);

  /** The record at `at` with quotes escaped by a backslash, where that may tell what to make of it. */
  const asBackslashed = (text: string, at: number, end: number, strict: Strict | "open" | undefined) => {
    if (escape === "backslash" || (isWhole(strict) && only.doubled)) return undefined;
    const raw = text.slice(at, isWhole(strict) ? strict.end : end);
    const tells = raw.includes(backslashed) || (isWhole(strict) && raw.includes('""'));
    return tells ? { read: strictRecord(text, at, delimiter, "backslash") } : undefined;
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
      if (end - at > longestRecord) {
        rejectLong(text.slice(at, at + keptOfLong), end - at);
        line++;
        at = end + lineEndLength(text, end);
        continue;
      }
      if (quote >= end) {
        if (end > at) {
          const raw = text.slice(at, end);
          add(raw.split(delimiter), raw);
        }
        line++;
        at = end + lineEndLength(text, end);
        continue;
      }
      const strict = strictRecord(text, at, delimiter, escape);
      const cut = strict === "open" || (strict !== undefined && strict.end >= text.length - 1);
      if (cut && !last && text.length - at < longestRecord) break;
      const other = asBackslashed(text, at, end, strict);
      if (other?.read === "open" && !last && text.length - at < longestRecord) break;
      if (other !== undefined && isWhole(strict) && !isWhole(other.read)) only.doubled = true;
      if (other !== undefined && !isWhole(strict) && isWhole(other.read)) {
        only.backslash = true;
        reject(text.slice(at, other.read.end), brokenReason.mixed);
        line += countLineEnds(text, at, other.read.end) + 1;
        at = other.read.end + lineEndLength(text, other.read.end);
        continue;
      }
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
    long = { begin: left.slice(0, keptOfLong), length: left.length };
    return "";
  };

  const drain = (): Records => {
    const records = out;
    out = { cells: [], lines: [], raw: [], broken: [] };
    return records;
  };

  /** What is behind the line that is too long, from its line end on. */
  const behindLong = (text: string): string => {
    if (long === undefined) return text;
    const end = text.search(/[\r\n]/);
    long.length += end === -1 ? text.length : end;
    if (end === -1) return "";
    rejectLong(long.begin, long.length);
    long = undefined;
    return text.slice(end);
  };

  return {
    push: (piece) => {
      const text = behindLong(piece);
      rest = take(rest === "" ? text : rest + text, false);
      return drain();
    },
    end: () => {
      if (long !== undefined) rejectLong(long.begin, long.length);
      long = undefined;
      if (rest !== "") take(rest, true);
      rest = "";
      return drain();
    },
    header: () => header,
    escape: () => (only.doubled ? "doubled" : only.backslash ? "backslash" : undefined),
  };
};
