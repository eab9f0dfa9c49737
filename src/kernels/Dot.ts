/** Dot: the inner product of a row of an f32 matrix with an f64 vector, in f64. */

/**
 * Σ rows[base + f] · vector[f] for f below `length`, in four sums, so that no addition waits for the one before it. The same bits
 * for the same numbers.
 */
export const dotAt = (rows: Float32Array, base: number, vector: Float64Array, length: number): number => {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let f = 0;
  for (; f + 3 < length; f += 4) {
    a += rows[base + f] * vector[f];
    b += rows[base + f + 1] * vector[f + 1];
    c += rows[base + f + 2] * vector[f + 2];
    d += rows[base + f + 3] * vector[f + 3];
  }
  for (; f < length; f++) a += rows[base + f] * vector[f];
  return a + b + (c + d);
};
