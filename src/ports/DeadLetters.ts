/**
 * DeadLetters: events that could not be used, kept with their reason, each once per consumer group, until they are too old
 * or too many (settings `deadLetters`).
 */
import { Context, type Effect, Schema } from "effect";
import type { Position } from "./EventLog.ts";

/** Why an event could not be used. */
export const DeadLetterReason = Schema.Literal(
  "undecodable",
  "corrupt_batch",
  "bad_time",
  "unknown_item",
  "unknown_type",
  "damaged_state",
);
export type DeadLetterReason = typeof DeadLetterReason.Type;

/** Names a letter. */
export interface LetterKey extends Position {
  /** The log's identity; empty in a letter of version 0.1. */
  readonly log: string;
  /** The consumer group that gave the event up: `archiver`, or `updater-MODEL` (version 0.1: `updater`). */
  readonly consumer: string;
}

export interface DeadLetter extends LetterKey {
  readonly reason: DeadLetterReason;
  /** A sentence that names the field and the value. */
  readonly detail: string;
  /** Unix seconds: when the log took the record. */
  readonly appendedAt: number;
  readonly value: Uint8Array;
}

/**
 * What `dead-letters replay` did about a letter. begun: it is appended again, if at all, at or beyond `ends`, the log's ends
 * by partition as they were. replayed: it is. counted: it need not be, for its event had counted already.
 */
export const ReplayMark = Schema.Union(
  Schema.Struct({
    state: Schema.Literal("begun"),
    ends: Schema.Array(Schema.BigInt),
    /** Unix seconds. */
    begunAt: Schema.Number,
  }),
  Schema.Struct({ state: Schema.Literal("replayed", "counted") }),
);
export type ReplayMark = typeof ReplayMark.Type;

export interface KeptLetter extends DeadLetter {
  /** Unix seconds: when it was given up. */
  readonly keptAt: number;
  readonly replay: ReplayMark | undefined;
}

export interface DeadLettersStats {
  /** Where letters are records of a topic: the records that are kept, marks and repetitions among them. */
  readonly count: number;
  /** Undefined where the store does not tell. */
  readonly bytes: number | undefined;
  /** Unix seconds: when the oldest was given up. */
  readonly oldest: number | undefined;
}

export interface DeadLettersService {
  /** Idempotent by `LetterKey`: a redelivery adds nothing, and leaves a mark as it is. Durable when it returns. */
  readonly append: (letters: ReadonlyArray<DeadLetter>) => Effect.Effect<void, DeadLettersError>;
  /** Oldest first, at most `limit`; those of one append in its order. */
  readonly list: (limit: number) => Effect.Effect<ReadonlyArray<KeptLetter>, DeadLettersError>;
  /** Durable when it returns; letters that are no more are passed over. */
  readonly mark: (letters: ReadonlyArray<LetterKey>, mark: ReplayMark) => Effect.Effect<void, DeadLettersError>;
  /** Removes them. */
  readonly drop: (letters: ReadonlyArray<LetterKey>) => Effect.Effect<void, DeadLettersError>;
  /** Cheap. */
  readonly stats: Effect.Effect<DeadLettersStats, DeadLettersError>;
}

export class DeadLetters extends Context.Tag("slipstream/DeadLetters")<DeadLetters, DeadLettersService>() {}

export class DeadLettersError extends Schema.TaggedError<DeadLettersError>()("DeadLettersError", {
  operation: Schema.Literal("append", "list", "mark", "drop", "stats"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
