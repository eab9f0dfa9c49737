/**
 * FoldIn: the user's least-squares vector against fixed items, older interactions weighing less.
 *
 * Solves (G + λI + Σₜ wₜ yₜyₜᵀ) x = Σₜ dᵃ (1 + wₜ) yₜ with wₜ = α·rₜ·dᵃ, G = YᵀY over all items, rₜ the weight of the
 * interaction's type and a its age in interactions, over the newest `keptInteractions`. Conjugate gradient, warm start
 * from the present vector. λ is the mean of what training takes for its users, and unobserved items all weigh 1, whatever the
 * model's exponents ν and β. The model: Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets",
 * ICDM 2008; the CG solver: Takács, Pilászy, Tikk, "Applications of the Conjugate Gradient Method for Implicit Feedback
 * Collaborative Filtering", RecSys 2011.
 */
import { defaultEventTypes } from "../domain/EventTypes.ts";
import { keptInteractions } from "../domain/UserState.ts";
import type { ItemFactors, Learner } from "./Learner.ts";

export interface FoldInOptions {
  /** d in (0, 1]. */
  readonly decay: number;
  readonly regularization: number;
  readonly alpha: number;
  /** By type: the model's. */
  readonly weights?: ReadonlyArray<number>;
  /** Conjugate-gradient steps per event. */
  readonly steps?: number;
}

/** YᵀY in f64, rank × rank, over the items that training knew. */
const gramian = ({ isNew, rank, vectors }: ItemFactors): Float64Array => {
  const sums = new Float64Array(rank * rank);
  for (let base = 0; base < vectors.length; base += rank) {
    if (isNew?.[base / rank] === 1) continue;
    for (let i = 0; i < rank; i++) {
      const yi = vectors[base + i];
      if (yi === 0) continue;
      for (let j = i; j < rank; j++) sums[i * rank + j] += yi * vectors[base + j];
    }
  }
  for (let i = 0; i < rank; i++) for (let j = 0; j < i; j++) sums[i * rank + j] = sums[j * rank + i];
  return sums;
};

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let f = 0; f < a.length; f++) sum += a[f] * b[f];
  return sum;
};

export const makeFoldIn = (items: ItemFactors, options: FoldInOptions): Learner => {
  const { rank, vectors, rowOfIdx } = items;
  const { alpha, decay, regularization, steps = 8, weights: typeWeights = defaultEventTypes.weights } = options;
  const gram = gramian(items);
  for (let f = 0; f < rank; f++) gram[f * rank + f] += regularization;
  const bases = new Int32Array(keptInteractions);
  const weights = new Float64Array(keptInteractions);
  const x = new Float64Array(rank);
  const residual = new Float64Array(rank);
  const direction = new Float64Array(rank);
  const image = new Float64Array(rank);

  /** out ← (G + λI + Σ wₜ yₜyₜᵀ) p over the first `count` gathered interactions. */
  const multiply = (p: Float64Array, out: Float64Array, count: number): void => {
    for (let i = 0; i < rank; i++) {
      let sum = 0;
      for (let j = 0; j < rank; j++) sum += gram[i * rank + j] * p[j];
      out[i] = sum;
    }
    for (let t = 0; t < count; t++) {
      const base = bases[t];
      let projection = 0;
      for (let f = 0; f < rank; f++) projection += vectors[base + f] * p[f];
      projection *= weights[t];
      for (let f = 0; f < rank; f++) out[f] += projection * vectors[base + f];
    }
  };

  return {
    learn: (vector, _row, _weight, interactions) => {
      residual.fill(0);
      let count = 0;
      let age = 0;
      for (let t = interactions.length - 1; t >= 0 && age < keptInteractions; t--, age++) {
        const row = rowOfIdx(interactions[t].itemIdx);
        if (row === undefined) continue;
        const fade = decay ** age;
        const base = row * rank;
        const weight = alpha * typeWeights[interactions[t].type] * fade;
        bases[count] = base;
        weights[count++] = weight;
        const pull = fade * (1 + weight);
        for (let f = 0; f < rank; f++) residual[f] += pull * vectors[base + f];
      }
      x.fill(0);
      if (vector !== undefined) x.set(vector);
      multiply(x, image, count);
      for (let f = 0; f < rank; f++) residual[f] -= image[f];
      direction.set(residual);
      let norm = dot(residual, residual);
      for (let step = 0; step < steps && norm > 1e-20; step++) {
        multiply(direction, image, count);
        const length = norm / dot(direction, image);
        for (let f = 0; f < rank; f++) {
          x[f] += length * direction[f];
          residual[f] -= length * image[f];
        }
        const next = dot(residual, residual);
        const turn = next / norm;
        for (let f = 0; f < rank; f++) direction[f] = residual[f] + turn * direction[f];
        norm = next;
      }
      return Float32Array.from(x);
    },
  };
};
