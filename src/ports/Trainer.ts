/** Trainer: user and item factors from implicit feedback, wherever they are computed. */
import { Context, type Effect, Schema } from "effect";
import type { ModelParameters } from "../domain/Model.ts";

/** Users and items without a rating count too, and get zeros. */
export interface Ratings {
  readonly users: number;
  readonly items: number;
  /** CSR by user: user u rated `itemIdx[i]` with `ratings[i]` for i in `pointers[u]` … `pointers[u + 1] - 1`; each pair once. */
  readonly pointers: Uint32Array;
  readonly itemIdx: Uint32Array;
  /** Non-negative. */
  readonly ratings: Float32Array;
}

export interface TrainedFactors {
  /** users × rank, row-major. Balanced: XᵀX and YᵀY are one diagonal matrix, its entries falling. */
  readonly userFactors: Float32Array;
  /** items × rank, likewise. */
  readonly itemFactors: Float32Array;
  /** After each iteration, or the last alone where an engine does not tell; the last is that of the balanced factors. */
  readonly losses: ReadonlyArray<number>;
}

export interface TrainerService {
  /**
   * Minimises Σ c_ui (p_ui − x_u·y_i)² + λ(Σ|x_u|² + Σ|y_i|²) over all pairs, with c = 1 + α·rating and p = 1 for observed
   * pairs, c = 1 and p = 0 for the others; `onIteration` hears of every iteration's number (from 1) and loss that is told. The
   * same ratings and parameters give the same factors. Stops when it is interrupted.
   */
  readonly train: (
    ratings: Ratings,
    parameters: ModelParameters,
    onIteration: (iteration: number, loss: number) => void,
  ) => Effect.Effect<TrainedFactors, TrainingError>;
}

export class Trainer extends Context.Tag("slipstream/Trainer")<Trainer, TrainerService>() {}

export class TrainingError extends Schema.TaggedError<TrainingError>()("TrainingError", {
  /** TooLarge: more than the engine can hold. OutOfMemory: more than this machine gives. */
  reason: Schema.Literal("InvalidInput", "TooLarge", "OutOfMemory", "Diverged", "WorkerFailed"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
