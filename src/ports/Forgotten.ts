/**
 * Forgotten: whom the shop has forgotten, for good: nobody's id, but a tombstone under a salted hash of it. It outlives the event
 * log's retention, so that no file, archive or backup that still names them brings them back.
 */
import { Context, type Effect, Schema } from "effect";
import type { Tombstone } from "../domain/Forgotten.ts";

export interface ForgottenService {
  /** The shop's, made once: 64 hexadecimal digits. */
  readonly salt: Effect.Effect<string, ForgottenError>;
  readonly find: (hash: string) => Effect.Effect<Tombstone | undefined, ForgottenError>;
  /** Applies `change` to the newest value, atomically across processes; `change` may run more than once. Durable when it answers. */
  readonly change: (
    hash: string,
    change: (before: Tombstone | undefined) => Tombstone,
  ) => Effect.Effect<Tombstone, ForgottenError>;
  readonly all: Effect.Effect<ReadonlyArray<Tombstone>, ForgottenError>;
}

export class Forgotten extends Context.Tag("slipstream/Forgotten")<Forgotten, ForgottenService>() {}

export class ForgottenError extends Schema.TaggedError<ForgottenError>()("ForgottenError", {
  /** Undecodable: restore the store. */
  reason: Schema.Literal("Unavailable", "Undecodable"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** What a store says whose tombstone cannot be decoded. */
export const unreadableTombstone = (hash: string, cause: { readonly message: string }): ForgottenError =>
  new ForgottenError({
    reason: "Undecodable",
    message: `the stored tombstone ${hash} cannot be decoded: restore the store from a backup (${cause.message})`,
    cause,
  });
