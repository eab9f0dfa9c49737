/** DeadLetters: events that could not be used, kept with their reason, each once per consumer. */
import { Context, type Effect, Schema } from "effect";
import type { Position } from "./EventLog.ts";

/** Why an event could not be used. */
export const DeadLetterReason = Schema.Literal("undecodable", "unknown_item", "unknown_type");
export type DeadLetterReason = typeof DeadLetterReason.Type;

export interface DeadLetter extends Position {
  /** Who gave it up: `updater` or `archiver`. */
  readonly consumer: string;
  readonly reason: DeadLetterReason;
  /** A sentence that names the field and the value. */
  readonly detail: string;
  readonly value: Uint8Array;
}

export interface DeadLettersService {
  /** Idempotent by (consumer, partition, offset): a redelivery adds nothing. Durable when it returns. */
  readonly append: (letters: ReadonlyArray<DeadLetter>) => Effect.Effect<void, DeadLettersError>;
  /** Oldest first per consumer and partition, at most `limit`. */
  readonly list: (limit: number) => Effect.Effect<ReadonlyArray<DeadLetter>, DeadLettersError>;
  readonly count: Effect.Effect<number, DeadLettersError>;
}

export class DeadLetters extends Context.Tag("slipstream/DeadLetters")<DeadLetters, DeadLettersService>() {}

export class DeadLettersError extends Schema.TaggedError<DeadLettersError>()("DeadLettersError", {
  operation: Schema.Literal("append", "list", "count"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
