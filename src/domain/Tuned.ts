/** Tuned: the settings that `tune` found for a shop, and what they were worth on days that it had not searched. */
import { Schema } from "effect";
import { Evidence, Recipe } from "./Model.ts";

export const Tuned = Schema.Struct({
  /** ISO 8601. */
  tunedAt: Schema.String,
  seed: Schema.Int,
  ...Recipe.fields,
  evidence: Evidence,
  /** Whether the interval of the gain lies above 0: else the batch goes by the defaults. */
  proven: Schema.Boolean,
});
export type Tuned = typeof Tuned.Type;
