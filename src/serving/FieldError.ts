/** FieldError: one thing that is wrong with what was asked or sent, and what to send instead. */
import { Schema } from "effect";

export const FieldError = Schema.Struct({
  field: Schema.String.annotations({
    description: "Parameter or field; `[2].quantity` is the field of the third event of a list.",
    examples: ["k", "[2].quantity"],
  }),
  value: Schema.optional(Schema.Unknown).annotations({ description: "What was sent; cut short when long." }),
  detail: Schema.String.annotations({ description: "What to send instead." }),
}).annotations({ identifier: "FieldError" });
export type FieldError = typeof FieldError.Type;

/** A value as an answer may repeat it: text cut at 100 characters, of deeper values what they are. */
export const shown = (value: unknown): unknown => {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" && value.length > 100 ? `${value.slice(0, 100)}…` : value;
};
