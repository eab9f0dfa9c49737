/**
 * CsvFile: a CSV file on disk: how it is written, told by its beginning, and its records.
 *
 * Quotes within quotes are doubled, or escaped by a backslash where the file cannot be read otherwise and all of it can be so.
 * The delimiter is what a first line `sep=;` says, else whichever of comma, semicolon, tab and bar the header has most of.
 */
import type { FileSystem } from "@effect/platform";
import { Effect, Stream } from "effect";
import { makeCsvReader, type Records } from "./CsvRecords.ts";
import type { InputError } from "./InputError.ts";
import type { Escape } from "./StrictRecord.ts";
import { openText, type TextFile, unreadable } from "./TextFile.ts";

export interface CsvOptions {
  /** As its owner said. */
  readonly encoding?: string | undefined;
  /** False: there is no header line, the columns are called 1, 2, 3 … */
  readonly header?: boolean | undefined;
}

/** How the SQL engine is to read the file. */
export interface CsvLayout {
  /** Lines before the header, or before the first record where there is no header. */
  readonly skip: number;
  /** Records of several lines were seen. */
  readonly severalLines: boolean;
}

export interface CsvFile {
  readonly text: TextFile;
  readonly columns: ReadonlyArray<string>;
  /** Whether the columns' names are in the file. */
  readonly header: boolean;
  readonly delimiter: string;
  /**
   * Undefined where the header is not on one line of its own at the beginning, or quotes are escaped by a backslash, for
   * the engine drops backslashes that escape nothing: only `records` reads such a file.
   */
  readonly layout: CsvLayout | undefined;
  /** The first records. */
  readonly sample: Records;
  /** `onBytes` hears of every piece of the file that was read. */
  readonly records: (onBytes: (bytes: number) => void) => Stream.Stream<Records, InputError>;
}

const delimiters = [",", ";", "\t", "|"];

const lineEnds = /\r\n|\n|\r/;

/** What Excel takes for the delimiter of the file, and is no record. */
const separatorLine = /^"?sep=([^\r\n"])"?(?:\r\n|\n|\r)/i;

const delimiterOf = (text: string): string => {
  const line = (text.split(lineEnds, 1)[0] ?? "").replaceAll(/"[^"]*"/g, "");
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
};

/** Whether the first lines are parted by `::`, as MovieLens has it: as often in each, and more than once. */
const isOfColons = (text: string): boolean => {
  const parts = text.split(lineEnds, 20).flatMap((line) => (line === "" ? [] : [line.split("::").length]));
  return parts.every((count) => count > 2 && count === parts[0]) && parts.length > 0;
};

/** Characters of the beginning that are looked at. */
const sampleLength = 1 << 20;

const hasBackslashedQuote = (text: TextFile): Effect.Effect<boolean, InputError> => {
  let last = "";
  return text
    .pieces(() => {})
    .pipe(
      Stream.map((piece) => {
        const found = piece.includes('\\"') || (last === "\\" && piece[0] === '"');
        last = piece.at(-1) ?? last;
        return found;
      }),
      Stream.runFoldWhile(
        false,
        (found) => !found,
        (_, found) => found,
      ),
    );
};

/** Reads the beginning; the records are read when the stream is run, as often as it is. */
export const openCsv = (
  file: string,
  { encoding, header: hasHeader = true }: CsvOptions = {},
): Effect.Effect<CsvFile, InputError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const text = yield* openText(file, encoding);
    const start = yield* text
      .pieces(() => {})
      .pipe(
        Stream.runFoldWhile(
          "",
          (known) => known.length < sampleLength,
          (known, piece) => known + piece,
        ),
      );
    const separator = separatorLine.exec(start);
    const skipped = separator?.[0].length ?? 0;
    const body = start.slice(skipped);
    if (separator === null && isOfColons(body)) {
      return yield* unreadable(
        file,
        `has :: between its columns, where one character is wanted: sed 's/::/\\t/g' FILE > FILE.tsv puts tabs there.`,
      );
    }
    const delimiter = separator?.[1] ?? delimiterOf(body);
    const makeReader = (escape: Escape) =>
      makeCsvReader(delimiter, { line: skipped > 0 ? 2 : 1, header: hasHeader, escape });
    const readAll = (escape: Escape, onBytes: (bytes: number) => void) => {
      const all = makeReader(escape);
      let left = skipped;
      const records = text.pieces(onBytes).pipe(
        Stream.map((piece) => {
          const kept = piece.slice(Math.min(left, piece.length));
          left -= piece.length - kept.length;
          return all.push(kept);
        }),
        Stream.concat(Stream.sync(all.end)),
      );
      return { records, escape: all.escape };
    };

    const whole = start.length < sampleLength;
    const readSample = (escape: Escape) => {
      const reader = makeReader(escape);
      const first = reader.push(body);
      return { sample: whole ? joined(first, reader.end()) : first, header: reader.header(), escape: reader.escape() };
    };
    const asDoubled = readSample("doubled");
    const { sample, header } = asDoubled.escape === "backslash" ? readSample("backslash") : asDoubled;
    const tell = Effect.as(
      Effect.logInfo(`${file} escapes quotes by a backslash (\\") and is read so`),
      "backslash" as const,
    );
    if (asDoubled.escape === "backslash") yield* tell;
    // What the beginning does not tell, the whole file does.
    const escape = yield* Effect.cached(
      Effect.gen(function* () {
        const known = whole ? (asDoubled.escape ?? "doubled") : asDoubled.escape;
        if (known !== undefined) return known;
        if (!(yield* hasBackslashedQuote(text))) return "doubled";
        const all = readAll("doubled", () => {});
        yield* Stream.runDrain(all.records);
        return all.escape() === "backslash" ? yield* tell : "doubled";
      }),
    );
    if (header === undefined) return yield* unreadable(file, "has no header line; it is empty or no CSV file.");
    const isOdd = !lineEnds.test(body) || lineEnds.test(body[0] ?? "") || header.some((cell) => lineEnds.test(cell));
    const layoutIsKnown = !isOdd && asDoubled.escape !== "backslash";
    return {
      text,
      columns: header.map((name) => name.trim()),
      header: hasHeader,
      delimiter,
      layout: layoutIsKnown
        ? {
            skip: skipped > 0 ? 1 : 0,
            severalLines: sample.raw.some((raw) => lineEnds.test(raw)),
          }
        : undefined,
      sample,
      records: (onBytes) => Stream.unwrap(Effect.map(escape, (known) => readAll(known, onBytes).records)),
    };
  });

const joined = (a: Records, b: Records): Records => ({
  cells: [...a.cells, ...b.cells],
  lines: [...a.lines, ...b.lines],
  raw: [...a.raw, ...b.raw],
  broken: [...a.broken, ...b.broken],
});
