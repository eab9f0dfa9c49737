/**
 * Tables: Delta Lake tables, read and written as column batches.
 *
 * A commit is atomic and put-if-absent: a write that fails, or a process that dies, leaves no visible row.
 * Protocol: https://github.com/delta-io/delta/blob/master/PROTOCOL.md (reader 1, writer 2).
 */
import { Context, type Duration, type Effect, Schema, type Scope, type Stream } from "effect";
import type { ColumnBatch, Field } from "../domain/Columns.ts";

export interface TableSnapshot {
  readonly version: number;
  readonly schema: ReadonlyArray<Field>;
  /** From the add actions' statistics. */
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  /** Unix milliseconds at which the newest data file was written; 0 for a table without files. */
  readonly writtenAt: number;
  /** Streaming writers' progress: appId to version, by txn actions. */
  readonly transactions: ReadonlyMap<string, bigint>;
}

/** A data file of a version, as an engine reads it that knows Parquet. */
export interface TableFile {
  /** Where it is on this machine. */
  readonly path: string;
  readonly rows: number;
  /** Which of the version's files it is, from 0: the copies of one that had to be copied have the same. */
  readonly number: number;
  /** Columns that the file itself does not have: each row has this value, or null. */
  readonly constants: ReadonlyMap<string, unknown>;
}

export interface TableFiles {
  readonly version: number;
  readonly schema: ReadonlyArray<Field>;
  /** In the order of their addition. A column that a file lacks is null in its rows. */
  readonly files: ReadonlyArray<TableFile>;
}

export type Bound = number | bigint | string | boolean;

export interface ColumnStatistics {
  /** Undefined: not counted. */
  readonly nulls: number | undefined;
  /** Undefined: no value, or no order among them. */
  readonly min: Bound | undefined;
  readonly max: Bound | undefined;
  /** False: a value out of order (NaN) was seen, so there are no bounds. */
  readonly bounded: boolean;
}

/** A Parquet file that was written for a commit: its columns are the table's, in name and type. */
export interface NewFile {
  readonly path: string;
  readonly rows: number;
  /** By column; one that is missing has no statistics. */
  readonly statistics: ReadonlyMap<string, ColumnStatistics>;
}

/**
 * Writes files at the paths that `newFile` gives, and describes them. What is not committed in the end, however it ends,
 * is deleted.
 */
export type WriteFiles<E, R> = (
  newFile: Effect.Effect<string, TableError>,
) => Effect.Effect<ReadonlyArray<NewFile>, E, R>;

/** A streaming writer's progress, checked and moved in the commit: fails with `Stale` unless `expected` still stands. */
export interface TableTransaction {
  readonly appId: string;
  readonly expected: bigint | undefined;
  readonly next: bigint;
}

export interface TablesService {
  /** The names of all tables. */
  readonly list: Effect.Effect<ReadonlyArray<string>, TableError>;
  /** The newest version, or the one asked for. Fails with `NotFound` where there is no such table or version. */
  readonly snapshot: (table: string, version?: number) => Effect.Effect<TableSnapshot, TableError>;
  /**
   * Rows in the order of the files' addition. Fails with `UnknownColumn` for a column the schema lacks, unless it is among
   * `optional`: then it is null, as in rows from before a column was added.
   */
  readonly read: (
    table: string,
    options?: {
      readonly columns?: ReadonlyArray<string>;
      readonly optional?: ReadonlyArray<string>;
      readonly version?: number;
    },
  ) => Stream.Stream<ColumnBatch, TableError>;
  /** Replaces the table's rows (and schema); answers the new version. */
  readonly overwrite: <E, R>(
    table: string,
    schema: ReadonlyArray<Field>,
    batches: Stream.Stream<ColumnBatch, E, R>,
  ) => Effect.Effect<number, TableError | E, R>;
  /**
   * Adds rows, creating the table and columns where there are none; in a column that is new to a table there may be nulls.
   * All transactions move with the rows or nothing does.
   */
  readonly append: <E, R>(
    table: string,
    schema: ReadonlyArray<Field>,
    batches: Stream.Stream<ColumnBatch, E, R>,
    transactions?: ReadonlyArray<TableTransaction>,
  ) => Effect.Effect<number, TableError | E, R>;
  /** The names of the version's data files, in the order of their addition, whether they are still there or not. */
  readonly fileNames: (table: string, version: number) => Effect.Effect<ReadonlyArray<string>, TableError>;
  /**
   * The data files of the newest version, or of the one asked for, which stay until the scope closes; Corrupt where one is
   * missing.
   */
  readonly files: (table: string, version?: number) => Effect.Effect<TableFiles, TableError, Scope.Scope>;
  /** Whether all that was committed after the version only added rows, or moved them to other files; false where its log is gone. */
  readonly onlyGrew: (table: string, since: number) => Effect.Effect<boolean, TableError>;
  /** As `overwrite`, with the rows of Parquet files that were written by who asks. */
  readonly overwriteFiles: <E, R>(
    table: string,
    schema: ReadonlyArray<Field>,
    write: WriteFiles<E, R>,
  ) => Effect.Effect<number, TableError | E, R>;
  /** As `append`, with the rows of Parquet files that were written by who asks. */
  readonly appendFiles: <E, R>(
    table: string,
    schema: ReadonlyArray<Field>,
    write: WriteFiles<E, R>,
    transactions?: ReadonlyArray<TableTransaction>,
  ) => Effect.Effect<number, TableError | E, R>;
  /**
   * Puts rows that were written by who asks in place of those of some of a version's files (`TableFile.number`), in one commit, whatever
   * was added meanwhile; false, and nothing is changed, where another writer took one of the files away.
   */
  readonly replaceFiles: <E, R>(
    table: string,
    files: { readonly version: number; readonly numbers: ReadonlyArray<number> },
    write: WriteFiles<E, R>,
  ) => Effect.Effect<boolean, TableError | E, R>;
  /**
   * Merges files smaller than `smallerThan` bytes into larger ones (`dataChange` false), when there are at least
   * `minFiles` of them; answers how many were merged.
   */
  readonly compact: (
    table: string,
    options: { readonly smallerThan: number; readonly minFiles: number },
  ) => Effect.Effect<number, TableError>;
  /**
   * Deletes data files that no version younger than `retention` refers to; answers how many. Versions older than that
   * and than the table keeps its log (30 days, unless its properties say otherwise) cannot be read from then on.
   */
  readonly vacuum: (table: string, retention: Duration.Duration) => Effect.Effect<number, TableError>;
  /** Fails, as `append` would, where rows cannot be added to the table just now: a small file beside it is tried. */
  readonly writable: (table: string) => Effect.Effect<void, TableError>;
  /** Removes the table and all its versions; no error where there is none. */
  readonly drop: (table: string) => Effect.Effect<void, TableError>;
}

export class Tables extends Context.Tag("slipstream/Tables")<Tables, TablesService>() {}

export class TableError extends Schema.TaggedError<TableError>()("TableError", {
  /** Stale: another writer of this appId was here first. Full: no space, or not writable. */
  reason: Schema.Literal(
    "NotFound",
    "UnknownColumn",
    "SchemaMismatch",
    "Unsupported",
    "Stale",
    "Full",
    "Corrupt",
    "Io",
  ),
  table: Schema.String,
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
