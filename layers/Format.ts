/**
 * Format: in which format a data folder or a Redis is written, and by whom, as a stamp that stands in it.
 *
 * What version 0.1 wrote has no stamp; this version reads it, and stamps it when it first writes there. What a later
 * version wrote is refused. A change of a format makes its number one more, and brings its own migration and fixture; a new
 * section of users' states (`src/domain/UserStateCodec.ts`) is one, since what does not know it would take them for damaged, or lose it.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { Data, Effect, Either, Schema } from "effect";
import { version } from "../package.json";
import type { DataFolder } from "../src/config/DataFolder.ts";

/** The newest of each, as this version writes it. */
export const formats = { folder: 4, redis: 3 } as const;

const Stamp = Schema.parseJson(Schema.Struct({ format: Schema.Int, writtenBy: Schema.String }));
const decode = Schema.decodeUnknownEither(Stamp);

export const stampOf = (format: number): string => Schema.encodeSync(Stamp)({ format, writtenBy: version });

export class FormatError extends Schema.TaggedError<FormatError>()("FormatError", { message: Schema.String }) {}

/** Whether what bears this stamp, if any, is to be stamped anew; `place` and `setting` say where it stands. */
export const judge = (
  format: number,
  text: string | undefined,
  place: string,
  setting: string,
): Either.Either<"stamped" | "unstamped", FormatError> => {
  if (text === undefined) return Either.right("unstamped");
  const found = Either.getOrUndefined(decode(text));
  if (found === undefined) {
    const message = `${place} is no stamp of Slipstream's format: restore it, or set ${setting} to another place`;
    return Either.left(new FormatError({ message }));
  }
  if (found.format <= format) return Either.right(found.format === format ? "stamped" : "unstamped");
  const message =
    `${place} says that Slipstream ${found.writtenBy} wrote here, in format ${found.format}; this is ${version}, which ` +
    `knows formats up to ${format}: start version ${found.writtenBy} or a later one, or set ${setting} to another place`;
  return Either.left(new FormatError({ message }));
};

/** The folder cannot be read or written; `cause` is the system's. */
export class FolderFailure extends Data.TaggedError("FolderFailure")<{
  readonly path: string;
  readonly cause: unknown;
}> {}

const io = <A>(path: string, run: () => Promise<A>) =>
  Effect.tryPromise({ try: run, catch: (cause) => new FolderFailure({ path, cause }) });

const judgeFolder = ({ format: file }: DataFolder) => {
  const text = io(file, () =>
    readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) =>
      cause.code === "ENOENT" || cause.code === "ENOTDIR" ? undefined : Promise.reject(cause),
    ),
  );
  return Effect.flatMap(text, (text) => judge(formats.folder, text, file, "DATA_DIR"));
};

/** Fails where a later version wrote the folder. A folder that cannot be looked into fails at its first use. */
export const checkFolder = (folder: DataFolder): Effect.Effect<void, FormatError> =>
  judgeFolder(folder).pipe(
    Effect.asVoid,
    Effect.catchTag("FolderFailure", () => Effect.void),
  );

/** Stamps the folder, once for each process; of many that do so at a time each leaves it whole. */
export const makeFolderStamp = (folder: DataFolder): Effect.Effect<void, FormatError | FolderFailure> => {
  const { format: file, root } = folder;
  const temporary = `${file}.${randomUUID()}.tmp`;
  let done = false;
  const write = io(file, async () => {
    await mkdir(root, { recursive: true });
    try {
      await writeFile(temporary, `${stampOf(formats.folder)}\n`);
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
  });
  return Effect.suspend(() => {
    if (done) return Effect.void;
    return judgeFolder(folder).pipe(
      Effect.flatMap((found) => (found === "stamped" ? Effect.void : write)),
      Effect.tap(() =>
        Effect.sync(() => {
          done = true;
        }),
      ),
    );
  });
};
