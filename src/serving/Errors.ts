/** Errors: why a program behind the API cannot do what it was asked. Nothing was changed then. */
import { Schema } from "effect";
import { FieldError } from "./FieldError.ts";

const errors = Schema.Array(FieldError);

/** A value is not as it should be. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", {
  message: Schema.String,
  errors,
}) {}

/** The serving model lacks what is named. */
export class UnknownIds extends Schema.TaggedError<UnknownIds>()("UnknownIds", { message: Schema.String, errors }) {}

/** Something needed is not there just now, or too many ask: it may be tried again. */
export class NotNow extends Schema.TaggedError<NotNow>()("NotNow", { message: Schema.String }) {}

/** What there is, or what is under way, does not allow it; the message says what to do first. */
export class Conflicting extends Schema.TaggedError<Conflicting>()("Conflicting", { message: Schema.String }) {}

export type ServingError = InvalidInput | UnknownIds | NotNow;
