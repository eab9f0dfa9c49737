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
  /** users × rank, row-major. Balanced: Σ (λ_u/λ) x_u x_uᵀ and Σ (λ_i/λ) y_i y_iᵀ are one diagonal matrix, its entries falling. */
  readonly userFactors: Float32Array;
  /** items × rank, likewise. */
  readonly itemFactors: Float32Array;
  /** After each iteration, or the last alone where an engine does not tell; the last is that of the balanced factors. */
  readonly losses: ReadonlyArray<number>;
}

export interface TrainerService {
  /**
   * Minimises Σ c_ui (p_ui − x_u·y_i)² + Σ λ_u|x_u|² + Σ λ_i|y_i|² over all pairs, with c = b_i + α·rating and p = 1 for observed
   * pairs, c = b_i and p = 0 for the others. Rows without a rating count nowhere: not in sums over all, nor in means.
   *
   * λ_u = λ f_u^ν / mean f^ν, f_u = Σ_i c_ui, the mean over users; of items likewise. At ν = 0 all are λ, and at any ν λ is their
   * mean: so a λ that is good at one ν is of the right size at another. For ratings of 1 and α = 1/α₀, f_u is proportional to
   * n_u + α₀·items, and the penalty that of Rendle, Krichene, Zhang, Koren, "Revisiting the Performance of iALS on Item
   * Recommendation Benchmarks", RecSys 2022, but for the ratio of the two sides' means, which scales X against Y and no score.
   * Their α₀, the weight of the unobserved, is no parameter of its own: dividing their loss by it leaves α = 1/α₀ and λ/α₀,
   * and a target that is (1 + α)/α times theirs, which (1 + α)/α times the λ makes up for.
   *
   * b_i = n_i^β / mean n^β, n_i the item's users: that a popular item is missing tells more than that an unknown one is. He,
   * Zhang, Kan, Chua, "Fast Matrix Factorization for Online Recommendation with Implicit Feedback", SIGIR 2016; there observed
   * pairs are without b_i, which would let a popular item's weigh less than the missing.
   *
   * `onIteration` hears of every iteration's number (from 1) and loss that is told. The
   * same ratings and parameters give the same factors. Stops when it is interrupted.
   */
  readonly train: (
    ratings: Ratings,
    parameters: ModelParameters,
    onIteration: (iteration: number, loss: number) => void,
  ) => Effect.Effect<TrainedFactors, TrainingError>;
  /** The setting that this engine has no parameter for, and what to do, in words; undefined where it can train by them. */
  readonly refuses: (parameters: ModelParameters) => Refused | undefined;
}

export interface Refused {
  readonly setting: string;
  readonly message: string;
}

export class Trainer extends Context.Tag("slipstream/Trainer")<Trainer, TrainerService>() {}

export class TrainingError extends Schema.TaggedError<TrainingError>()("TrainingError", {
  /** TooLarge: more than the engine can hold. OutOfMemory: more than this machine gives. */
  reason: Schema.Literal("InvalidInput", "TooLarge", "OutOfMemory", "Diverged", "WorkerFailed"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
