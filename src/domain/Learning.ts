/** Learning: how events change what a shopper gets, and by which numbers. It belongs to a model, as its parameters do. */
import { Schema } from "effect";

export const LearnerName = Schema.Literal("blend", "ema", "fold-in");
export type LearnerName = typeof LearnerName.Type;

export const Learning = Schema.Struct({
  learner: LearnerName,
  /** η of the moving average (ema). */
  rate: Schema.Number,
  /** Weight of an interaction relative to the next newer one (fold-in). */
  decay: Schema.Number,
  /** What of the blend's constants can be chosen: `learning/Blend.ts`. */
  blend: Schema.Struct({ decay: Schema.Number, taste: Schema.Number, popularity: Schema.Number }),
});
export type Learning = typeof Learning.Type;

/** Where nothing else is chosen, good on all data that was tried. */
export const defaultLearning: Learning = {
  learner: "blend",
  rate: 0.2,
  decay: 0.8,
  blend: { decay: 0.8, taste: 0.2, popularity: 0.3 },
};
