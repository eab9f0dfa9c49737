/**
 * StoreFile: the file of the embedded store, which keeps bytes of what was removed from the store until it is compacted: written anew
 * with what is in it, while nobody has it open.
 */
import { Context, Effect, Schema } from "effect";

export interface StoreFileService {
  /** False: all that could be in it is kept by servers. */
  readonly isEmbedded: boolean;
  /** Unix seconds: what was removed from the store before is not in its file any more. Undefined: it was never compacted. */
  readonly compactedAt: Effect.Effect<number | undefined, StoreFileError>;
  /** Has it compacted by the next process that opens it and has it to itself. */
  readonly ask: Effect.Effect<void, StoreFileError>;
  /** Compacts it now; answers in words. Fails where somebody has it open. */
  readonly compact: Effect.Effect<string, StoreFileError>;
}

export class StoreFile extends Context.Tag("slipstream/StoreFile")<StoreFile, StoreFileService>() {}

export class StoreFileError extends Schema.TaggedError<StoreFileError>()("StoreFileError", {
  /** Unavailable: the folder cannot be read or written. Refused: the store is as it was, and the message says what to do. */
  reason: Schema.Literal("Unavailable", "Refused"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

export const noStoreFile: StoreFileService = {
  isEmbedded: false,
  compactedAt: Effect.succeed(undefined),
  ask: Effect.void,
  compact: new StoreFileError({
    reason: "Refused",
    message:
      "there is no embedded store to compact: KAFKA_BROKERS and REDIS_URL name servers for all that it would hold",
  }),
};
