/** Cholesky: the factor of a symmetric positive definite matrix and its inverse. f64, n × n, row-major. */

/**
 * Overwrites the lower triangle of `matrix` with L, where L Lᵀ = matrix; reads the lower triangle alone.
 *
 * Every pivot of G + λI, G positive semidefinite, is at least λ; a smaller one comes from rounding in G and is taken as
 * `leastPivot` (> 0). Answers false when an entry is not finite.
 */
export const factorize = (matrix: Float64Array, n: number, leastPivot: number): boolean => {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const other = j * n;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[row + k]! * matrix[other + k]!;
      if (!Number.isFinite(sum)) return false;
      matrix[row + j] = j < i ? sum / matrix[other + j]! : Math.sqrt(Math.max(sum, leastPivot));
    }
  }
  return true;
};

/** Writes L⁻¹ (lower triangular, zeros above) to `inverse`. */
export const invertLower = (factor: Float64Array, inverse: Float64Array, n: number): void => {
  inverse.fill(0);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let k = 0; k < i; k++) {
      const scale = factor[row + k]!;
      for (let j = 0; j <= k; j++) inverse[row + j]! -= scale * inverse[k * n + j]!;
    }
    inverse[row + i] = 1;
    const pivot = factor[row + i]!;
    for (let j = 0; j <= i; j++) inverse[row + j]! /= pivot;
  }
};
