/**
 * Spark: the Trainer port on Spark ML's ALS.
 *
 * Spark multiplies its λ' by the number of ratings of each user and item: its penalty is λ'(Σ n_u|x_u|² + Σ n_i|y_i|²). With
 * λ' = λ · (users + items) / (2 · pairs), counting those that have a rating, the weights λ' n sum to what ours do, λ for each row:
 * rows of few ratings are held back less, those of many more. α is the same. With ν = 1 our weights are λ f/mean f, f_u = items + α Σ r;
 * their sum is λ for each row, too, so that λ' is the same, and where α Σ r is far above `items` (ratings of 1: n_u above items / α), they are Spark's
 * own, row by row. Exponents between, and unobserved pairs of different weights, are beyond it and refused. What comes back is balanced, and its loss computed, in this process,
 * by the port's formula. Spark tells no loss before the last, and the same ratings and parameters give the same factors but for the
 * rounding of its sums.
 */
import { join } from "node:path";
import { ConfigError, Effect, Layer, Schema } from "effect";
import type { ModelParameters } from "../../src/domain/Model.ts";
import { Progress, type ProgressService } from "../../src/ports/Progress.ts";
import { type Ratings, type Refused, Trainer, type TrainerService, TrainingError } from "../../src/ports/Trainer.ts";
import { checkInput } from "../../src/training/Check.ts";
import { choiceWith } from "../../src/training/Choice.ts";
import { finish } from "../../src/training/Finish.ts";
import type { SparkProgress, SparkSession } from "../engines/spark/Session.ts";
import { type OpenSession, Sessions } from "../engines/spark/Sessions.ts";
import { showStages } from "../engines/spark/Shown.ts";
import { tellingSilence } from "../engines/spark/Silence.ts";
import type { SparkError } from "../engines/spark/SparkError.ts";
import { readFactors, writeRatings } from "./spark/Files.ts";

/** Spark's λ' for ours. */
export const sparkRegularization = (
  { itemIdx, items, pointers, users }: Ratings,
  { regularization }: Pick<ModelParameters, "regularization">,
): number => {
  const rated = new Uint8Array(items);
  for (const item of itemIdx) rated[item] = 1;
  let rows = rated.reduce((sum, one) => sum + one, 0);
  for (let user = 0; user < users; user++) if (pointers[user + 1]! > pointers[user]!) rows++;
  return (regularization * rows) / (2 * itemIdx.length);
};

export const refuses = ({
  regularizationExponent = 0,
  unobservedExponent = 0,
}: ModelParameters): Refused | undefined => {
  const refused = (setting: string, value: number, allowed: string): Refused => ({
    setting,
    message: `${setting} is ${value}, and Spark's ALS knows ${allowed} alone; choose that, or TRAINER=built-in`,
  });
  if (unobservedExponent !== 0) return refused("ALS_UNOBSERVED_EXPONENT", unobservedExponent, "0");
  if (regularizationExponent !== 0 && regularizationExponent !== 1) {
    return refused("ALS_REGULARIZATION_EXPONENT", regularizationExponent, "0 and 1");
  }
  return undefined;
};

const checkExpressible = (parameters: ModelParameters): Effect.Effect<void, TrainingError> => {
  const refused = refuses(parameters);
  return refused === undefined
    ? Effect.void
    : new TrainingError({ reason: "InvalidInput", message: `Cannot train on Spark: ${refused.message}.` });
};

const failed = (error: SparkError): TrainingError =>
  new TrainingError({
    reason: error.reason === "Memory" ? "OutOfMemory" : "WorkerFailed",
    message: error.message,
    cause: error,
  });

const io = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, TrainingError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) =>
      new TrainingError({
        reason: "WorkerFailed",
        message: `${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      }),
  });

/** Trains in a session. */
export const trainIn =
  (session: SparkSession, watch: (progress: SparkProgress) => void): TrainerService["train"] =>
  (ratings, parameters, onIteration) =>
    Effect.gen(function* () {
      yield* checkExpressible(parameters);
      yield* checkInput(ratings, parameters);
      const { users, items } = ratings;
      const { rank, alpha, iterations, seed } = parameters;
      const folder = yield* Effect.mapError(session.staging("als"), failed);
      const pairs = ratings.itemIdx.length;
      if (pairs > 0) {
        yield* io("the ratings cannot be written for Spark", () => writeRatings(join(folder, "ratings"), ratings));
        const regularization = sparkRegularization(ratings, parameters);
        const args = { ratings: join(folder, "ratings"), folder, pairs, rank, alpha, iterations, seed, regularization };
        const asked = tellingSilence({ step: "the training", log: session.log }, watch, (heard) =>
          session.ask("als.train", args, Schema.Unknown, { watch: heard }),
        );
        yield* Effect.mapError(asked, failed);
      }
      const read = (side: string, rows: number): Effect.Effect<Float32Array, TrainingError> =>
        pairs === 0
          ? Effect.succeed(new Float32Array(rows * rank))
          : io("Spark's factors cannot be read", () => readFactors(join(folder, side), rows, rank));
      const sides = { userFactors: yield* read("users", users), itemFactors: yield* read("items", items) };
      const trained = yield* finish(ratings, parameters, sides);
      onIteration(iterations, trained.losses.at(-1) ?? 0);
      return trained;
    });

export const make = (open: OpenSession, progress: ProgressService): TrainerService => ({
  train: (ratings, parameters, onIteration) =>
    Effect.gen(function* () {
      // What is wrong with them is said before Spark is started.
      yield* checkExpressible(parameters);
      yield* checkInput(ratings, parameters);
      const watch = yield* showStages("training on Spark").pipe(Effect.provideService(Progress, progress));
      const session = yield* Effect.mapError(open, failed);
      return yield* trainIn(session, watch)(ratings, parameters, onIteration);
    }).pipe(Effect.scoped),
  refuses,
});

/** Fails where the settings that are given are beyond Spark: before any step of a batch has started it. */
export const layer: Layer.Layer<Trainer, ConfigError.ConfigError, Progress | Sessions> = Layer.effect(
  Trainer,
  Effect.gen(function* () {
    const refused = refuses((yield* choiceWith(undefined)).parameters);
    if (refused !== undefined) return yield* Effect.fail(ConfigError.InvalidData([refused.setting], refused.message));
    const { open } = yield* Sessions;
    return make(open, yield* Progress);
  }),
);
