/**
 * MicroBatches: the event log as another engine reads it, which makes files for raw/events of its records. Offsets are the
 * table's matter, and so is what is committed when: the engine goes on once a micro-batch is taken.
 */
import { Context, type Duration, type Effect, Schema, type Scope, type Stream } from "effect";
import type { LogRecord } from "./EventLog.ts";
import type { TableError, TableTransaction } from "./Tables.ts";

/** A record that the engine takes for no event. */
export interface RefusedRecord {
  readonly partition: number;
  readonly record: LogRecord;
}

/** What the log holds from where the last micro-batch ended. */
export interface MicroBatch {
  readonly rows: number;
  /** Per partition, the first offset behind it. */
  readonly next: ReadonlyMap<number, bigint>;
  readonly refused: Stream.Stream<RefusedRecord, MicroBatchesError>;
  /** Adds its rows to raw/events, with the transactions, in one commit. */
  readonly commit: (
    transactions: ReadonlyArray<TableTransaction>,
  ) => Effect.Effect<void, TableError | MicroBatchesError>;
}

export interface Reading<E, R> {
  /** The log's identity. */
  readonly log: string;
  /** Per partition that is read, the first offset. */
  readonly from: ReadonlyMap<number, bigint>;
  /** Told when the engine has found the log. */
  readonly ready: Effect.Effect<void>;
  readonly take: (batch: MicroBatch) => Effect.Effect<void, E, R>;
}

/** When a micro-batch is made: of so many records, or when one has waited for so long. */
export interface MicroBatchLimits {
  readonly flushRows: number;
  readonly flushAge: Duration.Duration;
}

export interface Engine {
  /** What it is, and where it tells of itself. */
  readonly about: string;
  /** Reads until it is interrupted; one micro-batch after the other. */
  readonly read: <E, R>(reading: Reading<E, R>) => Effect.Effect<never, MicroBatchesError | E, R>;
}

export interface MicroBatchesService {
  /** Starts the engine, which ends with the scope. */
  readonly open: (limits: MicroBatchLimits) => Effect.Effect<Engine, MicroBatchesError, Scope.Scope>;
}

export class MicroBatches extends Context.Tag("slipstream/MicroBatches")<MicroBatches, MicroBatchesService>() {}

export class MicroBatchesError extends Schema.TaggedError<MicroBatchesError>()("MicroBatchesError", {
  /** Missing: there is no such engine here. Lost: it has ended. Failed: it could not read on. */
  reason: Schema.Literal("Missing", "Lost", "Failed"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
