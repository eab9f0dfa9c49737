/** Source: a file of somebody's as the SQL engine can select from it. */
import type { FileSystem } from "@effect/platform";
import type { Effect, Scope } from "effect";
import type { ValueKind } from "../domain/Where.ts";
import type { SqlError } from "../ports/Sql.ts";
import type { Statement } from "../ports/Statement.ts";
import type { Cell } from "./Cells.ts";
import type { InputError } from "./InputError.ts";
import type { TimeOptions } from "./Times.ts";

const longestName = 60;
const mostNames = 40;

/** Columns as a message names them: what is taken for a header may be no header at all, and endless. */
export const listed = (columns: ReadonlyArray<string>): string => {
  const names = columns.slice(0, mostNames).map((name) => {
    if (name === "") return "(unnamed)";
    return name.length > longestName ? `${name.slice(0, longestName)}…` : name;
  });
  const more = columns.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
};

/** A row that is none, for its form: too few cells, a quote that is not closed. */
export interface Broken {
  readonly line: number;
  readonly reason: string;
  readonly raw: string;
}

/** Some rows of the file, in its order. */
export interface Piece {
  /** Rows of the right form, with the columns `line` and `raw` (the row as it stands in the file) beside the file's. */
  readonly relation: Statement;
  /** Rows, whatever their form. */
  readonly rows: number;
  readonly broken: ReadonlyArray<Broken>;
}

/** Rows that are looked at to tell what a column is. */
export const sampleRows = 1000;

export interface Source {
  readonly file: string;
  /** On disk. */
  readonly bytes: number;
  readonly columns: ReadonlyArray<string>;
  /** The names of the columns look like values. */
  readonly headless: boolean;
  /** The cell of a column as text: a column of a relation of this source. */
  readonly text: (column: number) => Statement;
  /** The cell of a column as a time, where it holds times or text; `name` is for messages. */
  readonly time: (column: number, name: string, options: TimeOptions) => Cell;
  /** The first cells of a column that can be read as text, without the empty ones and those that stand for no value. */
  readonly firstCells: (column: number) => Effect.Effect<ReadonlyArray<string>, InputError | SqlError>;
  /** Its first rows as our own reader reads them, where there is one. */
  readonly sample: ReadonlyArray<ReadonlyArray<string>>;
  /** What the file itself says that a column holds; undefined: text that may stand for anything; nothing: it cannot be read. */
  readonly says: (column: number) => ValueKind | "nothing" | undefined;
  /** The cell of a column as unix seconds, where the file says that it holds times. */
  readonly seconds: (column: number) => Statement | undefined;
  /** What keeps a column from being read as text, or undefined. */
  readonly obstacle: (column: number) => string | undefined;
  /** What an error of the engine says of the file. */
  readonly explained: (error: SqlError) => InputError;
  /** The file's rows as the engine reads them itself, failing where one is not of the right form; undefined: it cannot. */
  readonly direct: Effect.Effect<Statement | undefined, InputError | SqlError>;
  /** Another way to do so, where an error of `direct` says that it may succeed. */
  readonly otherwise?: (error: SqlError) => Effect.Effect<Statement | undefined, InputError | SqlError>;
  /**
   * Hands the rows to `use` piece by piece, with their places in the file; answers the relation of all of them. `onBytes`
   * hears how many bytes of the file were read.
   */
  readonly numbered: <E, R>(
    use: (piece: Piece) => Effect.Effect<void, E, R>,
    onBytes: (bytes: number) => void,
  ) => Effect.Effect<Statement, InputError | SqlError | E, R | Scope.Scope | FileSystem.FileSystem>;
}
