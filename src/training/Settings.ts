/** Settings: how a model is trained. */
import { choice, integer, number } from "../config/Setting.ts";

export const training = {
  rank: integer("ALS_RANK", {
    default: 32,
    min: 8,
    max: 256,
    multipleOf: 8,
    description: "Length of user and item vectors.",
  }),
  regularization: number("ALS_REGULARIZATION", {
    default: 0.01,
    min: 1e-9,
    max: 1e9,
    description: "Weight of the L2 penalty (λ).",
  }),
  alpha: number("ALS_ALPHA", { default: 1, min: 0, max: 1e9, description: "Confidence is 1 + α · rating." }),
  regularizationExponent: number("ALS_REGULARIZATION_EXPONENT", {
    default: 0,
    min: 0,
    max: 1,
    description:
      "Exponent ν of a user's or an item's total confidence, by which its share of the penalty grows; λ stays their mean. 0: λ for all.",
  }),
  unobservedExponent: number("ALS_UNOBSERVED_EXPONENT", {
    default: 0,
    min: 0,
    max: 1,
    description:
      "Exponent of an item's number of users, by which its unobserved pairs weigh; 1 stays their mean. 0: 1 for all.",
  }),
  iterations: integer("ALS_ITERATIONS", {
    default: 10,
    min: 1,
    max: 1000,
    description: "Passes over users and items.",
  }),
  seed: integer("ALS_SEED", {
    default: 42,
    min: 0,
    max: 4_294_967_295,
    description: "Seed of the starting factors.",
  }),
  metric: choice("METRIC", ["auto", "dot", "cosine"], {
    default: "auto",
    description:
      "How a model's items are searched: inner product (dot) or cosine with what a user likes; auto: cosine where LEARNER=blend.",
  }),
  threads: integer("ALS_THREADS", {
    default: 0,
    min: 0,
    max: 256,
    description: "Worker threads for training; 0 takes one per core.",
  }),
};
