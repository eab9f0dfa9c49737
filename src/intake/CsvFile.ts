/**
 * CsvFile: a CSV file on disk as a stream of records, in memory bounded by one piece of the file.
 *
 * UTF-8 with or without a byte order mark, plain or gzip (told by its first bytes, not by its name). The delimiter is
 * whichever of comma, semicolon, tab and bar the header line has most of.
 */
import { once } from "node:events";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";
import { FileSystem, type Error as PlatformError } from "@effect/platform";
import { Cause, Chunk, Effect, Option, Stream } from "effect";
import { makeCsvReader, type Records } from "./CsvRecords.ts";
import { InputError } from "./InputError.ts";

/** Rows of a file, whatever its format: cells as text, in the order of `columns`. */
export interface RowFile {
  readonly file: string;
  readonly columns: ReadonlyArray<string>;
  /** Of the file on disk. */
  readonly bytes: number;
  /** `onBytes` hears of every piece of the file that was read. */
  readonly records: (onBytes: (bytes: number) => void) => Stream.Stream<Records, InputError>;
}

const pieceBytes = 1 << 20;
const delimiters = [",", ";", "\t", "|"];

export const fromPlatform =
  (file: string) =>
  (cause: PlatformError.PlatformError): InputError =>
    cause._tag === "SystemError" && cause.reason === "NotFound"
      ? new InputError({ reason: "MissingFile", file, message: `${file} does not exist.`, cause })
      : new InputError({ reason: "Unreadable", file, message: `${file} cannot be read: ${cause.message}`, cause });

const unreadable = (file: string, message: string, cause?: unknown) =>
  new InputError({ reason: "Unreadable", file, message: `${file} ${message}`, cause });

/** The pieces of a gzip stream, unpacked; the source is read as fast as the result is. */
const gunzipped = (
  file: string,
  packed: Stream.Stream<Uint8Array, InputError>,
): Stream.Stream<Uint8Array, InputError> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const gunzip = yield* Effect.acquireRelease(
        Effect.sync(() => createGunzip({ chunkSize: pieceBytes }).on("error", () => {})),
        (stream) => Effect.sync(() => stream.destroy()),
      );
      yield* packed.pipe(
        Stream.runForEach((piece) =>
          Effect.promise(async (signal) => {
            if (!gunzip.write(piece) && !gunzip.destroyed) await once(gunzip, "drain", { signal });
          }),
        ),
        Effect.zipRight(Effect.sync(() => gunzip.end())),
        Effect.catchAllCause((cause) => Effect.sync(() => gunzip.destroy(Cause.squash(cause) as Error))),
        Effect.forkScoped,
      );
      return Stream.fromAsyncIterable(gunzip as AsyncIterable<Uint8Array>, (cause) =>
        cause instanceof InputError
          ? cause
          : unreadable(file, "is a damaged or truncated gzip file; fetch it again.", cause),
      );
    }),
  );

const readText = (
  file: string,
  onBytes: (bytes: number) => void,
): Stream.Stream<string, InputError, FileSystem.FileSystem> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem;
      const head = yield* fs
        .stream(file, { bytesToRead: 4 })
        .pipe(
          Stream.runHead,
          Effect.mapError(fromPlatform(file)),
          Effect.map(Option.getOrElse(() => new Uint8Array())),
        );
      if (head[0] === 0x50 && head[1] === 0x4b) {
        return Stream.fail(unreadable(file, "is a zip archive; unpack it first."));
      }
      const onDisk = fs.stream(file, { chunkSize: pieceBytes, bufferSize: 2 }).pipe(
        Stream.mapError(fromPlatform(file)),
        Stream.tap((piece) => Effect.sync(() => onBytes(piece.length))),
      );
      const packed = head[0] === 0x1f && head[1] === 0x8b;
      const decoder = new StringDecoder("utf8");
      let first = true;
      return (packed ? gunzipped(file, onDisk) : onDisk).pipe(
        Stream.map((piece) => {
          const text = decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
          const start = first && text.startsWith("\ufeff") ? 1 : 0;
          if (text !== "") first = false;
          return start === 0 ? text : text.slice(start);
        }),
        Stream.concat(Stream.suspend(() => Stream.make(decoder.end()))),
      );
    }),
  );

const delimiterOf = (text: string): string => {
  const end = text.indexOf("\n");
  const line = (end === -1 ? text : text.slice(0, end)).replaceAll(/"[^"]*"/g, "");
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))];
};

const readRecords = (
  file: string,
  delimiter: string,
  onBytes: (bytes: number) => void,
): Stream.Stream<Records, InputError, FileSystem.FileSystem> =>
  Stream.suspend(() => {
    const reader = makeCsvReader(delimiter);
    return readText(file, onBytes).pipe(
      Stream.map(reader.push),
      Stream.concat(Stream.suspend(() => Stream.make(reader.end()))),
    );
  });

/** Reads the header; the records are read when the stream is run, as often as it is. */
export const openCsv = (file: string): Effect.Effect<RowFile, InputError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const { size, type } = yield* fs.stat(file).pipe(Effect.mapError(fromPlatform(file)));
    if (type === "Directory") return yield* unreadable(file, "is a folder; give a file.");
    const first = yield* readText(file, () => {}).pipe(
      Stream.filter((text) => text !== ""),
      Stream.take(1),
      Stream.runCollect,
    );
    const start = Chunk.join(first, "");
    const delimiter = delimiterOf(start);
    const reader = makeCsvReader(delimiter);
    reader.push(start);
    if (reader.header() === undefined) reader.end();
    const header = reader.header();
    if (header === undefined) return yield* unreadable(file, "has no header line; it is empty or no CSV file.");
    return {
      file,
      columns: header.map((name) => name.trim()),
      bytes: Number(size),
      records: (onBytes) =>
        readRecords(file, delimiter, onBytes).pipe(Stream.provideService(FileSystem.FileSystem, fs)),
    };
  });
