/** TableErrors: the errors of objects and files as `TableError`s that say where and what to do. */
import { Data, Effect } from "effect";
import { TableError } from "../../../src/ports/Tables.ts";
import { codeOf, ObjectError } from "../objects/Objects.ts";

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space or set DATA_DIR to another disk",
  EDQUOT: "the disk quota is used up; free some space or set DATA_DIR to another disk",
  EROFS: "the file system is read-only; set DATA_DIR to a writable folder",
  EACCES: "permission denied; make the folder writable for this user or set DATA_DIR to one that is",
  EPERM: "operation not permitted; make the folder writable for this user or set DATA_DIR to one that is",
};

/** What a failed operation on `path` means. */
export const ioError = (table: string, path: string, error: unknown): TableError => {
  const cause = error instanceof ObjectError ? error.cause : error;
  const code = codeOf(cause);
  const remedy = code === undefined ? undefined : remedies[code];
  return new TableError({
    reason: remedy === undefined ? "Io" : "Full",
    table,
    message: `${path}: ${remedy ?? (cause instanceof Error ? cause.message : String(cause))}`,
    cause,
  });
};

export const io = <A>(table: string, path: string, run: () => Promise<A>): Effect.Effect<A, TableError> =>
  Effect.tryPromise({ try: run, catch: (cause) => ioError(table, path, cause) });

export const failure = (reason: TableError["reason"], table: string, message: string, cause?: unknown): TableError =>
  new TableError({ reason, table, message, ...(cause === undefined ? {} : { cause }) });

/** What to do about a file that cannot be had again. */
export const restoreOrAnew = (folder: string): string =>
  `restore it from a backup, or move ${folder} away to begin the table anew`;

/** Of a data file: `what` is wrong with it. */
export const damaged = (table: string, path: string, what: string, cause?: unknown): TableError =>
  failure("Corrupt", table, `${path} ${what}; ${restoreOrAnew(`the folder of ${table}`)}`, cause);

/** What is wrong with a file, as the code between promises tells it. */
export class Fault extends Data.TaggedError("Fault")<{
  readonly reason: TableError["reason"];
  readonly message: string;
}> {}

export const fault = (reason: TableError["reason"], message: string): Promise<never> =>
  Promise.reject(new Fault({ reason, message }));

/** As `io`, of what is in a data file: what the place of the file does not refuse is the file's own fault. */
export const reading = <A>(table: string, path: string, run: () => Promise<A>): Effect.Effect<A, TableError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => {
      if (cause instanceof ObjectError) return ioError(table, path, cause);
      const said = cause instanceof Error ? cause.message : String(cause);
      return cause instanceof Fault && cause.reason !== "Corrupt"
        ? failure(cause.reason, table, `${path}: ${said}`, cause)
        : damaged(table, path, `is damaged, ${said}`, cause);
    },
  });
