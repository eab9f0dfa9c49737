/** Initialize: from the user-side interactions as given to everything the first iteration reads. */
import { mulberry32 } from "../kernels/Random.ts";
import { findProblem, type Interactions } from "./Check.ts";
import type { Layout, Side } from "./Layout.ts";
import { areUniform, rowWeightsOf } from "./RowWeights.ts";
import type { Answer, TrainingThread } from "./Step.ts";

const interactionsOf = (memory: WebAssembly.Memory, layout: Layout, side: Side): Interactions => ({
  pointers: new Uint32Array(memory.buffer, side.pointers, side.paddedRows + 1),
  indices: new Uint32Array(memory.buffer, side.indices, layout.problem.pairs),
  weights: new Float32Array(memory.buffer, side.weights, layout.problem.pairs),
});

/** Ratings become weights w = α · rating. */
const weigh = ({ weights }: Interactions, alpha: number): void => {
  for (let k = 0; k < weights.length; k++) weights[k]! *= alpha;
};

/** A row's system is solved divided by the weight of its unobserved pairs. */
const divideByBase = ({ pointers, weights }: Interactions, bases: Float64Array): void => {
  for (let row = 0; row < bases.length; row++) {
    for (let k = pointers[row]!; k < pointers[row + 1]!; k++) weights[k]! /= bases[row]!;
  }
};

/** Writes what rows weigh; answers the weights of items' unobserved pairs. */
const weighRows = ({ layout, memory, parameters }: TrainingThread, given: Interactions): Float64Array => {
  const { users, items } = layout.problem;
  const { pointers, indices: itemIdx, weights: ratings } = given;
  const rows = rowWeightsOf({ users, items, pointers, itemIdx, ratings }, parameters);
  for (const side of ["users", "items"] as const) {
    const { penalties, bases } = rows[side];
    const penalty = penalties.map((one) => parameters.regularization * one);
    new Float32Array(memory.buffer, layout[side].penalties, penalty.length).set(penalty);
    new Float32Array(memory.buffer, layout[side].bases, bases.length).set(bases);
  }
  return rows.items.bases;
};

/** Counting sort by item; within an item by user. */
const transpose = (users: number, from: Interactions, to: Interactions): void => {
  const { pointers, indices, weights } = from;
  to.pointers.fill(0);
  for (let k = 0; k < indices.length; k++) to.pointers[indices[k]! + 1]! += 1;
  for (let row = 1; row < to.pointers.length; row++) to.pointers[row]! += to.pointers[row - 1]!;
  const next = to.pointers.slice();
  for (let user = 0; user < users; user++) {
    const end = pointers[user + 1]!;
    for (let k = pointers[user]!; k < end; k++) {
      const place = next[indices[k]!]!++;
      to.indices[place] = user;
      to.weights[place] = weights[k]!;
    }
  }
};

/**
 * Item factors uniform in ±1/√rank, drawn in order of item and factor from Mulberry32; zero for items without
 * interactions. Users start at zero.
 */
const draw = (factors: Float32Array, rank: number, items: number, pointers: Uint32Array, seed: number): void => {
  const next = mulberry32(seed);
  const scale = 2 / Math.sqrt(rank);
  for (let item = 0; item < items; item++) {
    const known = pointers[item] !== pointers[item + 1];
    for (let f = 0; f < rank; f++) {
      const value = (next() * 2 ** -32 - 0.5) * scale;
      if (known) factors[item * rank + f] = value;
    }
  }
};

export const initialize = (training: TrainingThread): Answer => {
  const { memory, layout, parameters } = training;
  const { alpha, seed } = parameters;
  const { problem } = layout;
  const given = interactionsOf(memory, layout, layout.users);
  const problemFound = findProblem(problem, given, alpha);
  if (problemFound !== undefined) return { problem: problemFound };
  given.pointers.fill(problem.pairs, problem.users + 1);
  const bases = areUniform(parameters) ? undefined : weighRows(training, given);
  weigh(given, alpha);
  const byItem = interactionsOf(memory, layout, layout.items);
  transpose(problem.users, given, byItem);
  if (bases !== undefined) divideByBase(byItem, bases);
  const factors = new Float32Array(memory.buffer, layout.items.factors, problem.items * problem.rank);
  draw(factors, problem.rank, problem.items, byItem.pointers, seed);
  return {};
};
