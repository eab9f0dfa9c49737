/**
 * CsvSource: a CSV file for the SQL engine.
 *
 * The engine reads a file itself where it is plain UTF-8, or a copy that was unpacked and decoded: it does not check a gzip
 * file's sums, and decodes nothing else. Rows with their lines come from our own reader, by way of numbered copies.
 */
import { FileSystem } from "@effect/platform";
import { Effect, type Scope, Stream } from "effect";
import { noIds } from "../domain/Ids.ts";
import type { SqlSession } from "../ports/Sql.ts";
import { identifier, joined, type Statement, sql } from "../ports/Statement.ts";
import type { CsvFile } from "./CsvFile.ts";
import type { Records } from "./CsvRecords.ts";
import { type Broken, type Source, sampleRows } from "./Source.ts";
import { unreadable, unwritable } from "./TextFile.ts";
import { timeCell } from "./Times.ts";

const cellAt = (column: number): Statement => identifier(`c${column}`);

const typed = (names: ReadonlyArray<Statement>): Statement =>
  sql`{${joined(names.map((name) => sql`${name}: 'VARCHAR'`))}}`;

/** No cell of a file: what stands for a cell that a row lacks. */
const absent = "\u0001\u0001absent\u0001\u0001";

const bytesPerPiece = 64 << 20;
const firstPieceBytes = 1 << 20;
/** Bytes that the engine expects a line to have at most, unless it is told of more. */
const usualLine = 2_000_000;
/** Bytes that the engine reads at a time. It would by itself take room for 16 of the longest lines. */
const usualBuffer = 16 * usualLine;

/**
 * One column more than the file has, so that a row with too many cells shows; and what a row lacks is no empty cell. The
 * engine by itself would let empty cells too many pass, which are a sign of cells that slipped.
 */
const direct = (
  { columns, delimiter, header }: CsvFile,
  layout: NonNullable<CsvFile["layout"]>,
  path: string,
  severalLines: boolean,
): Statement => {
  const names = columns.map((_, i) => cellAt(i));
  const last = names.at(-1) ?? cellAt(0);
  const extra = identifier("extra");
  const wrong = "the row has other cells than the header";
  return sql`(SELECT ${joined(names)} FROM read_csv(${[path]}, header = ${header}, auto_detect = false,
    strict_mode = true, null_padding = true, nullstr = ${absent}, delim = ${delimiter}, quote = '"', escape = '"',
    skip = ${layout.skip}, compression = 'none', hive_partitioning = false,
    parallel = ${!severalLines}, columns = ${typed([...names, extra])})
    WHERE CASE WHEN ${last} IS NOT NULL AND ${extra} IS NULL THEN true ELSE error(${wrong}) END)`;
};

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

/** Records as lines of `line, raw, cells…`; raw is empty where it is the cells with delimiters between them. */
const numberedLines = ({ cells, lines, raw }: Records, width: number, delimiter: string): string => {
  let text = "";
  cells.forEach((record, i) => {
    if (record.length !== width) return;
    const whole = raw[i] as string;
    text += whole.includes('"')
      ? `${[lines[i], quoted(whole), ...record.map(quoted)].join(delimiter)}\n`
      : `${lines[i]}${delimiter}${delimiter}${whole}\n`;
  });
  return text;
};

const brokenOf = ({ broken, cells, lines, raw }: Records, width: number): ReadonlyArray<Broken> => [
  ...broken,
  ...cells.flatMap((record, i) =>
    record.length === width
      ? []
      : [
          {
            line: lines[i] as number,
            reason: `it has ${record.length} cells, the header ${width}`,
            raw: raw[i] as string,
          },
        ],
  ),
];

export const makeCsvSource = (
  csv: CsvFile,
  scratch: SqlSession["scratch"],
): Effect.Effect<Source, never, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const { columns, delimiter, layout, text } = csv;
    const width = columns.length;
    const names = columns.map((_, i) => cellAt(i));
    const sample = csv.sample.cells.slice(0, sampleRows);

    // Told what ends a line: by itself the engine takes the first CR, which may stand in a cell, and then loses count of the quotes.
    const numberedRelation = (paths: ReadonlyArray<string>, longest: number): Statement => {
      const whole = sql`array_to_string([${joined(names.map((name) => sql`coalesce(${name}, '')`))}], ${delimiter})`;
      const all = [sql`line::BIGINT AS line`, sql`CASE WHEN raw IS NULL THEN ${whole} ELSE raw END AS raw`, ...names];
      return sql`(SELECT ${joined(all)} FROM read_csv(${paths}, header = false, auto_detect = false, strict_mode = true,
      delim = ${delimiter}, quote = '"', escape = '"', new_line = ${"\\n"}, compression = 'none', hive_partitioning = false,
      max_line_size = ${Math.max(usualLine, longest)}, buffer_size = ${Math.max(usualBuffer, 2 * longest)}, columns = ${typed([identifier("line"), identifier("raw"), ...names])}))`;
    };

    /** A copy of the file as plain UTF-8, made once and kept as long as the source. */
    const staged = yield* Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem;
      const path = yield* scratch("staged.csv");
      const written = text.pieces(() => {}).pipe(Stream.encodeText, Stream.run(fs.sink(path)));
      yield* Effect.mapError(written, (error) => (error._tag === "InputError" ? error : unwritable(path)(error)));
      return path;
    }).pipe(Effect.provide(yield* Effect.context<FileSystem.FileSystem | Scope.Scope>()), Effect.cached);

    const directly = (severalLines: boolean) =>
      layout === undefined
        ? Effect.succeed(undefined)
        : Effect.map(text.plain ? Effect.succeed(text.file) : staged, (path) =>
            direct(csv, layout, path, severalLines),
          );

    return {
      file: text.file,
      bytes: text.bytes,
      columns,
      headless: columns.some((name) => /^[-+]?\d[\d.,:/ T-]*$/.test(name)) && csv.header,
      text: cellAt,
      time: (column, name, options) => timeCell(name, cellAt(column), options),
      sample,
      firstCells: (column) =>
        Effect.succeed(
          csv.sample.cells
            .map((cells) => (cells[column] ?? "").trim())
            .filter((text) => text !== "" && !noIds.includes(text)),
        ),
      says: () => undefined,
      seconds: () => undefined,
      obstacle: () => undefined,
      explained: (error) => unreadable(text.file, `cannot be read as CSV: ${error.message}`, error),
      direct: directly(layout?.severalLines ?? false),
      // A record of several lines that the file's beginning did not show.
      otherwise: ({ message }) =>
        layout?.severalLines === false && message.includes("quoted new lines")
          ? directly(true)
          : Effect.succeed(undefined),
      numbered: (use, onBytes) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem;
          const paths: Array<string> = [];
          let pieces: Array<string> = [];
          let length = 0;
          let rows = 0;
          let broken: Array<Broken> = [];
          let limit = firstPieceBytes;
          let longest = 0;
          const flush = Effect.suspend(() => {
            const content = new TextEncoder().encode(pieces.join(""));
            const piece = { longest, rows, broken };
            pieces = [];
            length = 0;
            rows = 0;
            broken = [];
            limit = Math.min(2 * limit, bytesPerPiece);
            return Effect.gen(function* () {
              const path = yield* scratch("rows.csv");
              paths.push(path);
              yield* Effect.mapError(fs.writeFile(path, content), unwritable(path));
              return yield* use({ ...piece, relation: numberedRelation([path], piece.longest) });
            });
          });
          yield* csv.records(onBytes).pipe(
            Stream.runForEach((records) => {
              const lines = numberedLines(records, width, delimiter);
              // Its text, twice and with its quotes doubled; a character has up to three bytes.
              for (const raw of records.raw) longest = Math.max(longest, 12 * raw.length + 64);
              pieces.push(lines);
              length += lines.length;
              rows += records.cells.length + records.broken.length;
              broken.push(...brokenOf(records, width));
              return length >= limit ? flush : Effect.void;
            }),
          );
          if (rows > 0 || paths.length === 0) yield* flush;
          return numberedRelation(paths, longest);
        }),
    };
  });
