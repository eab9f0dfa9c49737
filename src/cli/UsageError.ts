/** UsageError: words, flags or settings that cannot be used. Nothing was begun. */
import { Schema } from "effect";

export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", {
  /** A sentence each, none with a secret. */
  problems: Schema.Array(Schema.String),
}) {
  override get message(): string {
    return this.problems.join("\n");
  }
}
