/** Batches: runs of the command `batch` in a process of their own, which takes the time that others leave. */
import { Context, type Effect, Schema } from "effect";

export interface BatchEnd {
  /** The exit code; undefined where a signal ended it. */
  readonly code: number | undefined;
  /** What it said was wrong, with the remedy; empty where it said nothing. */
  readonly detail: string;
}

/** What a batch is at, and how far. */
export interface BatchStep {
  readonly name: string;
  readonly done: number;
  /** Null where it is not known how many there will be. */
  readonly of: number | null;
  readonly unit: string;
  /** What else there is to say, such as the best so far. Absent: nothing. */
  readonly note?: string;
}

export interface BatchesService {
  /**
   * Learns from all data with the settings of this process, unless a model was made since `unlessSince` (ISO 8601) or
   * the newest one has learnt all there is: the code is 0 then as well.
   * `onStep` is told now and then what it is at; null between two steps.
   * Interruption stops it in order and waits for its end; it does not outlive this process, however that dies.
   */
  readonly learn: (options: {
    readonly unlessSince: string;
    readonly onStep?: (step: BatchStep | null) => void;
  }) => Effect.Effect<BatchEnd, BatchesError>;
}

export class BatchesError extends Schema.TaggedError<BatchesError>()("BatchesError", {
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** By default no process can be started. */
export class Batches extends Context.Reference<Batches>()("slipstream/Batches", {
  defaultValue: (): BatchesService => ({
    learn: () => new BatchesError({ message: "this program cannot start a batch" }),
  }),
}) {}
