/**
 * Sql: an embedded analytical engine, which reads and writes files and aggregates what memory cannot hold.
 *
 * It has no tables of its own: what a session makes is gone when the session's scope closes. Results do not depend on
 * how many threads work on them: rows keep the order of their source, and floating-point sums have an ORDER BY or are
 * made of exact types.
 */
import { Context, type Effect, Schema, type Scope, type Stream } from "effect";
import type { ColumnBatch, Field } from "../domain/Columns.ts";
import type { Statement } from "./Statement.ts";

/** Hears how far a statement is, in percent. */
export type Watch = (percent: number) => void;

export interface SqlSession {
  /**
   * Another session of the same engine and memory, whose statements run beside this one's. Neither sees the other's temporary
   * tables.
   */
  readonly beside: Effect.Effect<SqlSession, SqlError, Scope.Scope>;
  /** Where a new file may be written that is gone with the session; its name ends in `name`. */
  readonly scratch: (name: string) => Effect.Effect<string, SqlError>;
  /** Runs a statement for what it does; answers the rows that it wrote or changed. Interruption cancels it. */
  readonly run: (statement: Statement, watch?: Watch) => Effect.Effect<number, SqlError>;
  /** All rows of a small result, decoded: integers of 64 bits are bigints. A row that does not fit the schema is a defect. */
  readonly rows: <A, I>(
    schema: Schema.Schema<A, I>,
    statement: Statement,
    watch?: Watch,
  ) => Effect.Effect<ReadonlyArray<A>, SqlError>;
  /**
   * The rows of a result as they are made, in batches of some ten thousand. By type: whole numbers of up to 32 bits,
   * dates (days), FLOAT and DOUBLE are numbers; BIGINT and timestamps (microseconds) bigints; FLOAT[] is a Float32Array;
   * other types must be cast. Until the stream ends, the session runs nothing else.
   */
  readonly stream: (statement: Statement) => Stream.Stream<ColumnBatch, SqlError>;
  /** Makes a table of the session that holds the batches' rows. */
  readonly load: <E, R>(
    name: string,
    fields: ReadonlyArray<Field>,
    batches: Stream.Stream<ColumnBatch, E, R>,
  ) => Effect.Effect<void, SqlError | E, R>;
}

/** A relation that a question may read, and the files it is made of. */
export interface View {
  /** `raw/events` is known as raw.events and "raw/events". */
  readonly name: string;
  readonly statement: Statement;
  readonly files: ReadonlyArray<string>;
}

export interface Answer {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: string }>;
  /** Numbers, truths, lists and null as such; everything else as the engine prints it. */
  readonly rows: Stream.Stream<ReadonlyArray<ReadonlyArray<Cell>>, SqlError>;
}

export type Cell = string | number | bigint | boolean | null | ReadonlyArray<Cell>;

export interface SqlService {
  /** A session of its own, with its own share of memory and spill files. Statements of a session run one after another. */
  readonly session: Effect.Effect<SqlSession, SqlError, Scope.Scope>;
  /**
   * Answers one SELECT in words of whoever asks. Nothing but the views can be read: no other file, no network, no setting
   * changed, nothing written.
   */
  readonly ask: (views: ReadonlyArray<View>, question: string) => Effect.Effect<Answer, SqlError, Scope.Scope>;
}

export class Sql extends Context.Tag("slipstream/Sql")<Sql, SqlService>() {}

export class SqlError extends Schema.TaggedError<SqlError>()("SqlError", {
  /**
   * Full: no space to write or spill, or not writable. Memory: the limit is too low for this statement. Missing: no such
   * file. BadFile: damaged, or of another format. Value: a value that cannot be what it should be, or that the statement
   * refuses by error(). Forbidden: out of bounds for `ask`. Statement: wrong SQL. Unavailable: the engine cannot be used.
   */
  reason: Schema.Literal("Full", "Memory", "Missing", "BadFile", "Value", "Forbidden", "Statement", "Unavailable"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
