/**
 * Ridge: least squares of many targets on sparse rows, by the normal equations.
 *
 * Minimises Σ_r w_r |t_r − Wᵀa_r|² + μ|W|², which (AᵀΩA + μI) W = AᵀΩT solves, one column of W for each of the targets' `width`
 * dimensions: by Cholesky, so that memory grows with the square of the features (8 MB for 1,024), and time with their cube
 * once and their square for each dimension, whatever the number of rows. f64 throughout; the same input gives the same bits.
 */
import { factorize } from "./Cholesky.ts";

/** CSR: row r is `scales[r]` at each of `features[pointers[r]]` … `features[pointers[r + 1] - 1]`, each feature once. */
export interface SparseRows {
  readonly pointers: Uint32Array;
  readonly features: Uint32Array;
  readonly scales: Float64Array;
}

export interface RidgeProblem {
  readonly rows: SparseRows;
  /** Number of features. */
  readonly features: number;
  /** rows × width, row-major. */
  readonly targets: Float32Array;
  readonly width: number;
  /** w, by row; 0 leaves a row out. */
  readonly weights: Float64Array;
  /** μ > 0. */
  readonly penalty: number;
}

/** AᵀΩA + μI and AᵀΩT. */
const normalEquations = ({ rows, features: size, targets, width, weights, penalty }: RidgeProblem) => {
  const { features, pointers, scales } = rows;
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size * width);
  for (let i = 0; i < size; i++) matrix[i * size + i] = penalty;
  for (let r = 0; r < weights.length; r++) {
    const pull = weights[r]! * scales[r]!;
    if (pull === 0) continue;
    const product = pull * scales[r]!;
    for (let k = pointers[r]!; k < pointers[r + 1]!; k++) {
      const feature = features[k]!;
      for (let j = pointers[r]!; j < pointers[r + 1]!; j++) matrix[feature * size + features[j]!]! += product;
      for (let f = 0; f < width; f++) right[feature * width + f]! += pull * targets[r * width + f]!;
    }
  }
  return { matrix, right };
};

/** into's row i −= factor · into's row j. */
const subtractRow = (into: Float64Array, i: number, j: number, factor: number, width: number): void => {
  const [target, source] = [i * width, j * width];
  for (let f = 0; f < width; f++) into[target + f]! -= factor * into[source + f]!;
};

/** Overwrites B (n × width) with X, where L Lᵀ X = B. */
const solve = (lower: Float64Array, n: number, values: Float64Array, width: number): void => {
  const divide = (i: number): void => {
    for (let f = 0; f < width; f++) values[i * width + f]! /= lower[i * n + i]!;
  };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) subtractRow(values, i, j, lower[i * n + j]!, width);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    divide(i);
    for (let j = 0; j < i; j++) subtractRow(values, j, i, lower[i * n + j]!, width);
  }
};

/** W, features × width, row-major; undefined where a weight or scale is not finite. */
export const fitRidge = (problem: RidgeProblem): Float64Array | undefined => {
  const { matrix, right } = normalEquations(problem);
  if (!factorize(matrix, problem.features, problem.penalty)) return undefined;
  solve(matrix, problem.features, right, problem.width);
  return right;
};
