/** InputError: what is wrong with a file that the batch was given, and what to do about it. */
import { Schema } from "effect";
import type { SqlError } from "../ports/Sql.ts";

export class InputError extends Schema.TaggedError<InputError>()("InputError", {
  reason: Schema.Literal("MissingFile", "MissingColumn", "Unreadable", "TooManyRejects", "NoRows", "BadOption", "Full"),
  file: Schema.String,
  /** A sentence with the column or value at fault and the remedy. */
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** What the engine says of lines that are longer than the pieces in which it reads a file. */
const longLine = "The Parallel CSV Reader currently does not support";

/** Whether an error says of a file's data that it is not as it should be, and not of the machine. */
export const isOfData = (error: InputError | SqlError): boolean =>
  error._tag === "SqlError" &&
  (error.reason === "Value" || error.reason === "BadFile" || error.message.startsWith(longLine));
