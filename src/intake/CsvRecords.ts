/**
 * CsvRecords: pieces of CSV text to records, each with its line number and its text.
 *
 * Records are RFC 4180 (quotes doubled inside quotes, line breaks and delimiters allowed there), ended by LF or CRLF;
 * a quote inside an unquoted field stands for itself, and empty lines are skipped. csv-parse reads whatever holds a
 * quote; stretches without one are split at delimiters and line ends, which is the same there and several times faster.
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
  /** The cells of the first record, once it was read. It is not among the records. */
  readonly header: () => ReadonlyArray<string> | undefined;
}

/** Longest record, in characters: what is quoted for longer than this is taken for a quote that is not closed. */
export const longestRecord = 1 << 20;
/** Lines with quotes that are given to csv-parse at once. */
const slabLines = 256;

/** How csv-parse is called; exported so that a test can hold the quick path to it. */
export const parseOptions = (delimiter: string) => ({
  delimiter,
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
  record_delimiter: ["\r\n", "\n"],
});

/** The index after the first line feed at or behind `at` with an even number of quotes before it; -1 when there is none. */
const recordEnd = (text: string, at: number): number => {
  for (let from = at; ; ) {
    const feed = text.indexOf("\n", from);
    if (feed === -1) return -1;
    const open = text.indexOf('"', from);
    if (open === -1 || feed < open) return feed + 1;
    const close = text.indexOf('"', open + 1);
    if (close === -1) return -1;
    from = close + 1;
  }
};

const withoutLineEnd = (text: string): string =>
  text.endsWith("\r\n") ? text.slice(0, -2) : text.endsWith("\n") ? text.slice(0, -1) : text;

const countLines = (text: string): number => {
  let lines = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
};

export const makeCsvReader = (delimiter: string): CsvReader => {
  const options = parseOptions(delimiter);
  let rest = "";
  let line = 1;
  let header: ReadonlyArray<string> | undefined;
  let out: Records = { cells: [], lines: [], raw: [], broken: [] };

  const tryParse = (text: string, strict = false): ReadonlyArray<ReadonlyArray<string>> | undefined => {
    try {
      return parse(text, { ...options, relax_quotes: !strict });
    } catch {
      return undefined;
    }
  };

  const add = (cells: ReadonlyArray<string>, raw: string): void => {
    if (header === undefined) {
      header = cells;
      return;
    }
    out.cells.push(cells);
    out.lines.push(line);
    out.raw.push(raw);
  };

  /** Whole lines without a quote. */
  const takePlain = (text: string): void => {
    const lines = text.split("\n");
    lines.pop();
    for (const ended of lines) {
      const raw = ended.endsWith("\r") ? ended.slice(0, -1) : ended;
      if (raw !== "") add(raw.split(delimiter), raw);
      line++;
    }
  };

  /** One record that ends at `end`, or, where that is none, the first line of it. Answers where it ended. */
  const takeQuoted = (text: string, at: number, feed: number, end: number): number => {
    const first = text.slice(at, feed + 1);
    const alone = tryParse(first);
    if (alone?.length === 1) {
      add(alone[0], withoutLineEnd(first));
      line++;
      return feed + 1;
    }
    if (end > feed + 1) {
      const whole = text.slice(at, end);
      const records = tryParse(whole, true);
      if (records?.length === 1 && (header === undefined || records[0].length === header.length)) {
        add(records[0], withoutLineEnd(whole));
        line += countLines(whole);
        return end;
      }
    }
    out.broken.push({ line, raw: withoutLineEnd(first), reason: "a quote is opened and not closed" });
    line++;
    return feed + 1;
  };

  /** Lines of balanced quotes, read in one go when each is a record of its own, else one by one. */
  const takeSlab = (text: string, at: number, feeds: ReadonlyArray<number>): void => {
    const end = feeds[feeds.length - 1] + 1;
    const records = tryParse(text.slice(at, end));
    let from = at;
    feeds.forEach((feed, i) => {
      if (records?.length === feeds.length) {
        add(records[i], withoutLineEnd(text.slice(from, feed + 1)));
        line++;
      } else takeQuoted(text, from, feed, feed + 1);
      from = feed + 1;
    });
  };

  /** Reads `text` from a record's start; answers what must wait for more text. */
  const take = (text: string, last: boolean): string => {
    let at = 0;
    while (at < text.length) {
      const quote = text.indexOf('"', at);
      const plainEnd = quote === -1 ? text.lastIndexOf("\n") + 1 : text.lastIndexOf("\n", quote) + 1;
      if (plainEnd > at) {
        takePlain(text.slice(at, plainEnd));
        at = plainEnd;
      }
      if (quote === -1) break;

      const slab: Array<number> = [];
      let from = at;
      let end = recordEnd(text, from);
      let feed = text.indexOf("\n", from);
      while (end !== -1 && end === feed + 1 && slab.length < slabLines && text.slice(from, end).includes('"')) {
        slab.push(feed);
        from = end;
        end = recordEnd(text, from);
        feed = text.indexOf("\n", from);
      }
      if (slab.length > 0) {
        takeSlab(text, at, slab);
        at = from;
        continue;
      }
      if (feed === -1 || (end === -1 && !last && text.length - at < longestRecord)) break;
      at = takeQuoted(text, at, feed, end);
    }
    const left = text.slice(at);
    if (left.length <= longestRecord || left.includes("\n")) return left;
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
      if (rest !== "") take(rest.endsWith("\n") ? rest : `${rest}\n`, true);
      rest = "";
      return drain();
    },
    header: () => header,
  };
};
