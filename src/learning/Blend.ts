/**
 * Blend: what the blend keeps of a shopper as a vector: v ← d·v + w·ŷ, the moving average of unit item vectors by which the
 * item index finds what is near to their taste. `BlendScore.ts` scores those and other candidates.
 *
 * Over the newest `window` interactions, t their age (0 the newest), w the weight of an interaction's type, ŷ = y / |y|:
 *
 *   v = Σₜ w(typeₜ)·dᵗ·ŷ(hₜ)
 *
 * - Type weights: an interaction's part in v, and in every part of the score, is multiplied by its type's weight
 *   (`EventTypes.weights`); but each ages those before it by one step, whatever its type. Lists by shoppers of one type alone
 *   do not depend on that type's weight.
 * - v is a function of the kept history: `learn` computes the average anew over it, and takes nothing from the vector
 *   before. So an event that comes late takes its place by time, and a replay comes to the same bits.
 * - A loaded shopper: the batch loads factors of ALS, which are no v. `tasteOf` the loaded history is theirs, at the first
 *   request as after the first event.
 * - Another model, or another learner: the same history, by the vectors of that model. Nothing is carried over. Items that
 *   the model does not know have no part in v, but age what is older, as they did when they were new.
 */
import { defaultEventTypes } from "../domain/EventTypes.ts";
import { followerWindow } from "../domain/Followers.ts";
import { defaultLearning } from "../domain/Learning.ts";
import type { Interaction } from "../domain/UserState.ts";
import { inverseLengths } from "../kernels/Lengths.ts";
import type { ItemFactors, Learner } from "./Learner.ts";

export interface BlendConstants {
  /** d in (0, 1]: the weight of an interaction relative to the next newer one. */
  readonly decay: number;
  /** How many interactions are looked at. */
  readonly window: number;
  /** Of the taste's part beside the followers' one. */
  readonly taste: number;
  /** Of the popularity's part beside the followers' one. */
  readonly popularity: number;
  /** w by type: the model's. */
  readonly weights: ReadonlyArray<number>;
}

/** What of the constants a shopper's taste depends on. */
export type TasteConstants = Pick<BlendConstants, "decay" | "window" | "weights">;

export const blendConstants: BlendConstants = {
  ...defaultLearning.blend,
  window: followerWindow,
  weights: defaultEventTypes.weights,
};

/** The items of a shopper's newest interactions that the model knows, each once; until the next call. */
export interface Recalled {
  size: number;
  /** The newest interaction's first. */
  readonly rows: Uint32Array;
  /** Σ w·dᵗ of each row's interactions. */
  readonly weights: Float64Array;
  /** Σ weights. */
  total: number;
}

/** Of interactions, oldest first, the newest `window`. */
export const makeRecall = (
  rowOfIdx: ItemFactors["rowOfIdx"],
  { decay, weights: typeWeights, window }: TasteConstants,
): ((interactions: ReadonlyArray<Interaction>) => Recalled) => {
  const rows = new Uint32Array(window);
  const weights = new Float64Array(window);
  const recalled: Recalled = { size: 0, rows, weights, total: 0 };
  return (interactions) => {
    const newest = interactions.length - 1;
    let size = 0;
    let total = 0;
    let fade = 1;
    for (let age = 0; age < window && age <= newest; age++, fade *= decay) {
      const { itemIdx, type } = interactions[newest - age];
      const row = rowOfIdx(itemIdx);
      if (row === undefined) continue;
      const weight = typeWeights[type] * fade;
      let place = 0;
      while (place < size && rows[place] !== row) place++;
      if (place === size) {
        rows[size] = row;
        weights[size++] = weight;
      } else weights[place] += weight;
      total += weight;
    }
    recalled.size = size;
    recalled.total = total;
    return recalled;
  };
};

/** Σ weight·ŷ, in f64, as f32; changes the weights. */
const tasteIn = (
  { rows, size, weights }: Recalled,
  { rank, vectors }: ItemFactors,
  inverse: Float64Array,
): Float32Array => {
  const taste = new Float32Array(rank);
  for (let i = 0; i < size; i++) weights[i] *= inverse[rows[i]];
  const inFours = rank - (rank % 4);
  for (let f = 0; f < inFours; f += 4) {
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let i = 0; i < size; i++) {
      const weight = weights[i];
      const at = rows[i] * rank + f;
      first += weight * vectors[at];
      second += weight * vectors[at + 1];
      third += weight * vectors[at + 2];
      fourth += weight * vectors[at + 3];
    }
    taste[f] = first;
    taste[f + 1] = second;
    taste[f + 2] = third;
    taste[f + 3] = fourth;
  }
  for (let f = inFours; f < rank; f++) {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += weights[i] * vectors[rows[i] * rank + f];
    taste[f] = sum;
  }
  return taste;
};

const isZero = (vector: Float32Array): boolean => {
  for (let f = 0; f < vector.length; f++) if (vector[f] !== 0) return false;
  return true;
};

export interface Blend extends Learner {
  /** v of a shopper with that history, oldest first; undefined where none of its items has a vector. */
  readonly tasteOf: (interactions: ReadonlyArray<Interaction>) => Float32Array | undefined;
}

export const makeBlend = (items: ItemFactors, constants: TasteConstants = blendConstants): Blend => {
  const inverse = items.inverse ?? inverseLengths(items.vectors, items.rank);
  const recall = makeRecall(items.rowOfIdx, constants);
  const compute = (interactions: ReadonlyArray<Interaction>): Float32Array =>
    tasteIn(recall(interactions), items, inverse);
  return {
    learn: (_vector, _row, _weight, interactions) => compute(interactions),
    tasteOf: (interactions) => {
      const vector = compute(interactions);
      return isZero(vector) ? undefined : vector;
    },
  };
};
