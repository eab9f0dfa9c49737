/** EvaluateError: why nothing could be measured, or told. */
import { Schema } from "effect";

export class EvaluateError extends Schema.TaggedError<EvaluateError>()("EvaluateError", {
  reason: Schema.Literal("NoData", "TooFewDays", "NothingToScore", "NotWritten"),
  /** The value at fault and the remedy, in a sentence. */
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
