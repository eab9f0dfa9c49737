/** KeysError: keys that cannot be read or written, or a name that cannot be used. */
import { Schema } from "effect";

export class KeysError extends Schema.TaggedError<KeysError>()("KeysError", {
  reason: Schema.Literal(
    "Missing",
    "Unreadable",
    "Unwritable",
    "Malformed",
    "NameTaken",
    "NameUnknown",
    "BadName",
    "Open",
  ),
  message: Schema.String,
}) {}
