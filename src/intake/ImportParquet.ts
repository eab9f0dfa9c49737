/** ImportParquet: a Parquet file as rows of text cells, one row group in memory at a time. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { FileSystem } from "@effect/platform";
import { Chunk, Effect, Runtime, Stream } from "effect";
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { fromPlatform, type RowFile } from "./CsvFile.ts";
import type { Records } from "./CsvRecords.ts";
import { InputError } from "./InputError.ts";

const rowsPerPiece = 1 << 14;

/** Besides none and snappy, which hyparquet knows. */
const compressors: Compressors = { GZIP: (bytes) => gunzipSync(bytes), BROTLI: (bytes) => brotliDecompressSync(bytes) };

const cellOf = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  // A time beyond what a date holds is no time, and said to be none by whoever reads the cell.
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

const unreadable = (file: string) => (cause: unknown) =>
  new InputError({
    reason: "Unreadable",
    file,
    message: `${file} cannot be read as Parquet: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });

const makeBuffer = (file: string, bytes: number): Effect.Effect<AsyncBuffer, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const run = Runtime.runPromise(yield* Effect.runtime());
    const read = (start: number, end: number) =>
      fs.stream(file, { offset: start, bytesToRead: end - start, chunkSize: 1 << 20 }).pipe(
        Stream.runCollect,
        Effect.map((pieces) => {
          const whole = new Uint8Array(end - start);
          let at = 0;
          for (const piece of Chunk.toReadonlyArray(pieces)) {
            whole.set(piece, at);
            at += piece.length;
          }
          return whole.buffer;
        }),
      );
    return { byteLength: bytes, slice: (start, end = bytes) => run(read(start, end)) };
  });

/** The row ranges of the file's row groups. */
const groupRanges = (metadata: FileMetaData): ReadonlyArray<readonly [number, number]> => {
  let start = 0;
  return metadata.row_groups.map((group) => {
    const range = [start, start + Number(group.num_rows)] as const;
    start = range[1];
    return range;
  });
};

/** Only the columns of `wanted` are read; the cells of the others are empty. A record's line is its row, from 1. */
export const openParquet = (
  file: string,
  wanted: ReadonlyArray<string>,
): Effect.Effect<RowFile, InputError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const bytes = Number((yield* fs.stat(file).pipe(Effect.mapError(fromPlatform(file)))).size);
    const buffer = yield* makeBuffer(file, bytes);
    const metadata = yield* Effect.tryPromise({ try: () => parquetMetadataAsync(buffer), catch: unreadable(file) });
    const columns = parquetSchema(metadata).children.map((child) => child.element.name);
    const read = columns.filter((column) => wanted.includes(column));
    const rowCount = Number(metadata.num_rows);

    const piece = (rows: ReadonlyArray<Record<string, unknown>>, first: number): Records => {
      const cells = rows.map((row) => columns.map((column) => cellOf(row[column])));
      return {
        cells,
        lines: rows.map((_, i) => first + i + 1),
        raw: cells.map((row) => row.join(",")),
        broken: [],
      };
    };
    const records: RowFile["records"] = (onBytes) =>
      Stream.fromIterable(groupRanges(metadata)).pipe(
        Stream.flatMap(([start, end]) =>
          Stream.fromEffect(
            Effect.tryPromise({
              try: () =>
                parquetReadObjects({
                  file: buffer,
                  metadata,
                  columns: read,
                  rowStart: start,
                  rowEnd: end,
                  compressors,
                }),
              catch: unreadable(file),
            }),
          ).pipe(
            Stream.flatMap((rows) =>
              Stream.range(0, Math.ceil(rows.length / rowsPerPiece) - 1).pipe(
                Stream.map((i) =>
                  piece(rows.slice(i * rowsPerPiece, (i + 1) * rowsPerPiece), start + i * rowsPerPiece),
                ),
              ),
            ),
            Stream.tap(({ cells }) => Effect.sync(() => onBytes((bytes * cells.length) / rowCount))),
          ),
        ),
      );
    return { file, columns, bytes, records };
  });
