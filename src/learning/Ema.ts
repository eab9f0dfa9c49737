/**
 * Ema: v ← (1 − s)·v + s·item, s = min(1, η·w), w the event type's weight. A cold user takes the item's vector; an item without one
 * moves nothing.
 */
import type { ItemFactors, Learner } from "./Learner.ts";

/** `rate` is η in [0, 1]. */
export const makeEma = (items: ItemFactors, options: { readonly rate: number }): Learner => ({
  learn: (vector, row, weight) => {
    const { rank, vectors } = items;
    if (row === undefined) return vector ?? new Float32Array(rank);
    const base = row * rank;
    if (vector === undefined) return vectors.slice(base, base + rank);
    const step = Math.min(1, options.rate * weight);
    const keep = 1 - step;
    const next = new Float32Array(rank);
    for (let f = 0; f < rank; f++) next[f] = keep * vector[f] + step * vectors[base + f];
    return next;
  },
});
