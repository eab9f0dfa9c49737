/** Check: what can be trained on, said before anything is done. */
import { Effect } from "effect";
import type { ModelParameters } from "../domain/Model.ts";
import { type Ratings, TrainingError } from "../ports/Trainer.ts";
import type { Problem } from "./Layout.ts";

/** Most that α · rating may be: beyond it a 32-bit float no longer tells 1 + α · rating from α · rating. */
export const maxWeight = 2 ** 24;

export interface Interactions {
  readonly pointers: Uint32Array;
  readonly indices: Uint32Array;
  readonly weights: Float32Array;
}

/** Whether parameters and lengths are as they must be. */
export const checkParameters = (input: Ratings, parameters: ModelParameters): Effect.Effect<void, TrainingError> => {
  const { users, pointers, itemIdx, ratings } = input;
  const { rank, regularization, alpha, regularizationExponent = 0, unobservedExponent = 0 } = parameters;
  const exponent = (name: string, value: number): string =>
    value >= 0 && value <= 1 ? "" : `${name} is ${value}; it must lie between 0 and 1`;
  const problems = [
    rank >= 8 && rank <= 256 && rank % 8 === 0 ? "" : `rank is ${rank}; it must be a multiple of 8 up to 256`,
    regularization > 0 ? "" : `regularization is ${regularization}; it must be above 0`,
    alpha >= 0 ? "" : `alpha is ${alpha}; it must not be negative`,
    exponent("regularizationExponent", regularizationExponent),
    exponent("unobservedExponent", unobservedExponent),
    pointers.length === users + 1 ? "" : `there are ${pointers.length} pointers for ${users} users; one more is needed`,
    itemIdx.length === ratings.length ? "" : `there are ${itemIdx.length} items but ${ratings.length} ratings`,
  ].filter((problem) => problem !== "");
  return problems.length === 0
    ? Effect.void
    : new TrainingError({ reason: "InvalidInput", message: `Cannot train: ${problems.join("; ")}.` });
};

/** What is wrong with the interactions, which pair and why, in words. */
export const findProblem = (
  { users, items, pairs }: Pick<Problem, "users" | "items" | "pairs">,
  given: Interactions,
  alpha: number,
): string | undefined => {
  const { pointers, indices, weights } = given;
  if (pointers[0] !== 0 || pointers[users] !== pairs) {
    return `the user pointers run from ${pointers[0]} to ${pointers[users]}; they must run from 0 to ${pairs}, the number of pairs`;
  }
  for (let user = 0; user < users; user++) {
    if (pointers[user + 1]! < pointers[user]!) return `the user pointers decrease after user ${user}`;
  }
  for (let k = 0; k < pairs; k++) {
    if (indices[k]! >= items) return `pair ${k} names item ${indices[k]}; there are ${items} items`;
    const weight = alpha * weights[k]!;
    if (!(weight >= 0 && weight <= maxWeight)) {
      return `pair ${k} has rating ${weights[k]}; α · rating must lie between 0 and ${maxWeight}`;
    }
  }
  return undefined;
};

/** All of it, for engines that do not look themselves. */
export const checkInput = (input: Ratings, parameters: ModelParameters): Effect.Effect<void, TrainingError> =>
  Effect.gen(function* () {
    yield* checkParameters(input, parameters);
    const { users, items, pointers, itemIdx, ratings } = input;
    const given = { pointers, indices: itemIdx, weights: ratings };
    const problem = findProblem({ users, items, pairs: itemIdx.length }, given, parameters.alpha);
    if (problem !== undefined) {
      return yield* new TrainingError({ reason: "InvalidInput", message: `Cannot train: ${problem}.` });
    }
  });
