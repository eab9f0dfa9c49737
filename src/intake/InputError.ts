/** InputError: what is wrong with a file that the batch was given, and what to do about it. */
import { Schema } from "effect";

export class InputError extends Schema.TaggedError<InputError>()("InputError", {
  reason: Schema.Literal("MissingFile", "MissingColumn", "Unreadable", "TooManyRejects", "BadOption"),
  file: Schema.String,
  /** A sentence with the column or value at fault and the remedy. */
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
