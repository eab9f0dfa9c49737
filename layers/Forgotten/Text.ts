/** Text: tombstones as they are stored, in JSON. */
import { Effect, Schema } from "effect";
import { type Tombstone, tombstoneText } from "../../src/domain/Forgotten.ts";
import { type ForgottenError, unreadableTombstone } from "../../src/ports/Forgotten.ts";

export const encodeTombstone: (tombstone: Tombstone) => string = Schema.encodeSync(tombstoneText);

const decode = Schema.decode(tombstoneText);

export const decodeTombstone = (hash: string, text: string): Effect.Effect<Tombstone, ForgottenError> =>
  Effect.mapError(decode(text), (cause) => unreadableTombstone(hash, cause));
