/**
 * Rejects: the rows of a file that could not be used, kept aside in `rejected/<file>.csv` with line number and
 * reason, and the judgement whether there are too many of them.
 */
import { randomUUID } from "node:crypto";
import { FileSystem, Path } from "@effect/platform";
import { Effect, Scope } from "effect";
import { InputError } from "./InputError.ts";
import { unwritable } from "./TextFile.ts";

export interface Rejects {
  /** Notes a rejected row; it is written by the next `settle`. */
  readonly reject: (line: number, reason: string, raw: string) => void;
  /** Writes what was noted, and fails once the file is hopeless; `rows` counts all rows read since the last call. */
  readonly settle: (rows: number) => Effect.Effect<void, InputError>;
  /** Fails where more rows than allowed were rejected, judged over the whole file. */
  readonly judge: Effect.Effect<void, InputError>;
  readonly rows: () => number;
  readonly rejected: () => number;
  /** The file of the rejected rows, where there are some. */
  readonly kept: () => string | undefined;
}

/** Where rejected rows are, as the end of a message; nothing where there are none. */
export const keptIn = (files: ReadonlyArray<string | undefined>): string => {
  const names = files.filter((file) => file !== undefined);
  return names.length === 0 ? "" : ` The rejected rows, with their lines and reasons, are in ${names.join(" and ")}.`;
};

/** What a file's rejects are called, without an ending. */
export const rejectsName = (path: Path.Path, file: string): string =>
  path.basename(file).replace(/(\.(csv|tsv|txt|parquet))?(\.gz)?$/i, "");

/** Rows to read before a file may be given up early. */
const earliestJudgement = 10_000;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const percent = (part: number, whole: number): string => {
  const value = (100 * part) / whole;
  return `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)} %`;
};

/** `target` is the file of rejects; what an earlier run left there is removed. */
export const makeRejects = (
  file: string,
  target: string,
  maxPercent: number,
): Effect.Effect<Rejects, InputError, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const scope = yield* Effect.scope;
    const folder = path.dirname(target);
    yield* fs.remove(target, { force: true }).pipe(Effect.mapError(unwritable(target)));

    // Of this process alone until all is in it: two may read one file at a time.
    const beside = `${target}.${randomUUID()}.part`;
    const open = yield* fs.makeDirectory(folder, { recursive: true }).pipe(
      Effect.zipRight(Effect.addFinalizer(() => Effect.ignore(fs.rename(beside, target)))),
      Effect.zipRight(fs.open(beside, { flag: "w" })),
      Effect.tap((handle) => handle.writeAll(new TextEncoder().encode("line,reason,row\n"))),
      Effect.provideService(FileSystem.FileSystem, fs),
      Scope.extend(scope),
      Effect.mapError(unwritable(target)),
      Effect.cached,
    );

    let rows = 0;
    let rejected = 0;
    let firstReason = "";
    let pending = "";
    const tooMany = (limit: number) => rejected > 0 && 100 * rejected > limit * rows;
    const failure = Effect.suspend(() =>
      Effect.fail(
        new InputError({
          reason: "TooManyRejects",
          file,
          message:
            `${rejected} of ${rows} rows of ${file} (${percent(rejected, rows)}) were rejected, more than the ` +
            `${maxPercent} % that --max-rejects allows. The first: ${firstReason}. They are in ${target}, with their lines and reasons; correct the ` +
            "file, or raise --max-rejects to go on without these rows.",
        }),
      ),
    );

    return {
      reject: (line, reason, raw) => {
        if (rejected === 0) firstReason = `line ${line}, ${reason}`;
        rejected++;
        pending += `${line},${quoted(reason)},${quoted(raw)}\n`;
      },
      settle: (count) =>
        Effect.gen(function* () {
          rows += count;
          if (pending !== "") {
            const handle = yield* open;
            const bytes = new TextEncoder().encode(pending);
            pending = "";
            yield* handle.writeAll(bytes).pipe(Effect.mapError(unwritable(target)));
          }
          const hopeless = Math.min(10 * maxPercent, (100 + maxPercent) / 2);
          if (rows >= earliestJudgement && tooMany(hopeless)) yield* failure;
        }),
      judge: Effect.suspend(() => (tooMany(maxPercent) ? failure : Effect.void)),
      rows: () => rows,
      rejected: () => rejected,
      kept: () => (rejected > 0 ? target : undefined),
    };
  });
