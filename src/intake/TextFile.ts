/**
 * TextFile: a file on disk as pieces of text, in memory bounded by one piece: unpacked (gzip, told by its first bytes, not by
 * its name), decoded, without its byte order mark.
 */
import { once } from "node:events";
import { createGunzip } from "node:zlib";
import { FileSystem, type Error as PlatformError } from "@effect/platform";
import { Cause, Effect, Option, Stream } from "effect";
import { type BadText, detectEncoding, makeBadTextFinder, makeDecoder } from "./Encoding.ts";
import { InputError } from "./InputError.ts";

export interface TextFile {
  readonly file: string;
  /** On disk. */
  readonly bytes: number;
  /** Neither packed nor of another encoding than UTF-8. */
  readonly plain: boolean;
  /** `onBytes` hears of every piece of the file that was read. */
  readonly pieces: (onBytes: (bytes: number) => void) => Stream.Stream<string, InputError>;
}

const pieceBytes = 1 << 20;

export const fromPlatform =
  (file: string) =>
  (cause: PlatformError.PlatformError): InputError =>
    cause._tag === "SystemError" && cause.reason === "NotFound"
      ? new InputError({ reason: "MissingFile", file, message: `${file} does not exist.`, cause })
      : new InputError({ reason: "Unreadable", file, message: `${file} cannot be read: ${cause.message}`, cause });

/** Of a file of ours beside the tables. */
export const unwritable =
  (file: string) =>
  (cause: PlatformError.PlatformError): InputError =>
    new InputError({
      reason: "Full",
      file,
      message: `${file} cannot be written (${cause.message}): free some space, or set DATA_DIR to a folder with more that this user may write to.`,
      cause,
    });

export const unreadable = (file: string, message: string, cause?: unknown) =>
  new InputError({ reason: "Unreadable", file, message: `${file} ${message}`, cause });

/** What a file is that begins so and is no text, and what to do about it. */
const others: ReadonlyArray<readonly [begins: string, is: string]> = [
  ["\u00ff\u00fe\u0000\u0000", "is UTF-32; save it as UTF-8"],
  ["\u0000\u0000\u00fe\u00ff", "is UTF-32; save it as UTF-8"],
  ["PK\u0003\u0004", "is a zip archive; unpack it first. An Excel workbook (.xlsx) is one, too: save it as CSV"],
  ["\u00d0\u00cf\u0011\u00e0", "is an old Excel workbook (.xls); save it as CSV"],
  ["PAR1", "is a gzipped Parquet file; unpack it first with gunzip"],
  ["PARE", "is an encrypted Parquet file; write it without encryption"],
  ["ARROW1", "is an Arrow or Feather file; write it as Parquet"],
  ["SQLite format 3", "is a SQLite database; write the rows of a query as CSV"],
  ["ORC", "is an ORC file; write it as Parquet"],
  ["Obj\u0001", "is an Avro file; write it as Parquet"],
  ["\u0028\u00b5\u002f\u00fd", "is packed by zstd; unpack it first with unzstd"],
  ["BZh", "is packed by bzip2; unpack it first with bunzip2"],
  ["\u00fd7zXZ", "is packed by xz; unpack it first with unxz"],
];

/** Beginnings of text that is no CSV. */
const otherTexts: ReadonlyArray<readonly [begins: RegExp, is: string]> = [
  [/^\s*(\{\s*"|\[\s*[{[])/, "is JSON; write it as CSV or Parquet"],
  [/^\s*<(!doctype|html|\?xml)/i, "is HTML or XML; write it as CSV"],
];

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

const badText = (file: string, { line, byte, before }: BadText): InputError =>
  unreadable(
    file,
    `is not UTF-8: line ${line} has the byte 0x${byte.toString(16).padStart(2, "0")}${before === "" ? "" : ` after "${before}"`}. ` +
      "Say how it is encoded by --encoding, such as windows-1252 (western Windows programs), shift_jis or utf-16le.",
  );

/** Why the bytes cannot be decoded. */
const undecodable = (
  file: string,
  encoding: string,
  bytes: Stream.Stream<Uint8Array, InputError>,
): Effect.Effect<InputError> => {
  if (encoding !== "utf-8") return Effect.succeed(unreadable(file, `has bytes that are not ${encoding}.`));
  const finder = makeBadTextFinder();
  return bytes.pipe(
    Stream.map(finder.push),
    Stream.concat(Stream.sync(finder.end)),
    Stream.filter((found) => found !== undefined),
    Stream.runHead,
    Effect.map(
      Option.match({
        onNone: () => unreadable(file, "is not UTF-8; say how it is encoded by --encoding."),
        onSome: (found) => badText(file, found),
      }),
    ),
    Effect.merge,
  );
};

/** Looks at the file's beginning. `encoding` where its owner said one. */
export const openText = (file: string, encoding?: string): Effect.Effect<TextFile, InputError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const { size, type } = yield* fs.stat(file).pipe(Effect.mapError(fromPlatform(file)));
    if (type === "Directory") return yield* unreadable(file, "is a folder; give a file, or a folder of Parquet files.");
    const onDisk = (onBytes: (bytes: number) => void) =>
      fs.stream(file, { chunkSize: pieceBytes, bufferSize: 2 }).pipe(
        Stream.mapError(fromPlatform(file)),
        Stream.tap((piece) => Effect.sync(() => onBytes(piece.length))),
      );
    const firstOf = (stream: Stream.Stream<Uint8Array, InputError>) =>
      Effect.map(
        Stream.runHead(Stream.filter(stream, (piece) => piece.length > 0)),
        Option.getOrElse(() => new Uint8Array()),
      );
    const first = yield* firstOf(onDisk(() => {}));
    const packed = first[0] === 0x1f && first[1] === 0x8b;
    const unpacked = (onBytes: (bytes: number) => void) =>
      packed ? gunzipped(file, onDisk(onBytes)) : onDisk(onBytes);
    const head = packed ? yield* firstOf(unpacked(() => {})) : first;
    const latin = new TextDecoder("latin1").decode(head.subarray(0, 256));
    const other =
      others.find(([begins]) => latin.startsWith(begins)) ?? otherTexts.find(([begins]) => begins.test(latin));
    if (other !== undefined) return yield* unreadable(file, `${other[1]}.`);
    const name = detectEncoding(head, encoding);
    const decoder = makeDecoder(encoding ?? name) && makeDecoder(name);
    if (decoder === undefined) {
      return yield* new InputError({
        reason: "BadOption",
        file,
        message: `--encoding ${encoding} is not known here; known are utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis, gbk, euc-kr and others of the WHATWG's list.`,
      });
    }
    return {
      file,
      bytes: Number(size),
      plain: !packed && decoder.encoding === "utf-8",
      pieces: (onBytes) =>
        Stream.suspend(() => {
          const decode = makeDecoder(name) ?? decoder;
          const decoded = (bytes?: Uint8Array): Effect.Effect<string, InputError> =>
            Effect.try({
              try: () => (bytes === undefined ? decode.decode() : decode.decode(bytes, { stream: true })),
              catch: () => undefined,
            }).pipe(
              Effect.catchAll(() =>
                Effect.flatMap(
                  undecodable(
                    file,
                    decoder.encoding,
                    unpacked(() => {}),
                  ),
                  Effect.fail,
                ),
              ),
            );
          return unpacked(onBytes).pipe(
            Stream.mapEffect(decoded),
            Stream.concat(Stream.fromEffect(Effect.suspend(() => decoded()))),
            Stream.filter((text) => text !== ""),
          );
        }),
    };
  });
