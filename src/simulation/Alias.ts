/**
 * Alias: draws an index in proportion to its weight, in constant time.
 *
 * Source: M. Vose, "A linear algorithm for generating random numbers with a given distribution", IEEE TSE 17 (1991).
 */
import type { Random } from "../kernels/Random.ts";

export interface Alias {
  readonly draw: (random: Random) => number;
}

/** Weights are at least 0 with a positive sum; their number is at least 1. */
export const makeAlias = (weights: ArrayLike<number>): Alias => {
  const size = weights.length;
  let sum = 0;
  for (let i = 0; i < size; i++) sum += weights[i]!;
  const scaled = new Float64Array(size);
  const other = new Uint32Array(size);
  const small = new Uint32Array(size);
  const large = new Uint32Array(size);
  let smalls = 0;
  let larges = 0;
  for (let i = 0; i < size; i++) {
    scaled[i] = (weights[i]! * size) / sum;
    other[i] = i;
    if (scaled[i]! < 1) small[smalls++] = i;
    else large[larges++] = i;
  }
  while (smalls > 0 && larges > 0) {
    const low = small[--smalls]!;
    const high = large[larges - 1]!;
    other[low] = high;
    scaled[high] = scaled[high]! + scaled[low]! - 1;
    if (scaled[high]! < 1) {
      larges--;
      small[smalls++] = high;
    }
  }
  while (larges > 0) scaled[large[--larges]!] = 1;
  while (smalls > 0) scaled[small[--smalls]!] = 1;
  return {
    draw: (random) => {
      const i = random.below(size);
      return random.uniform() < scaled[i]! ? i : other[i]!;
    },
  };
};
