/** Eigen: eigenvalues and eigenvectors of a symmetric positive semidefinite matrix. f64, n × n, row-major. */
import { factorize } from "./Cholesky.ts";
import { orthogonalizeRows } from "./Jacobi.ts";

/** Added to the diagonal for the factorisation, relative to the trace, and taken off the eigenvalues: no pivot is zero. */
const ridge = 1e-6;

export interface Eigen {
  /** Not negative, in no order. */
  readonly values: Float64Array;
  /** A row for each value, of length 1. */
  readonly vectors: Float64Array;
}

/** With matrix + ridge I = L Lᵀ, the rows of Lᵀ rotated until they are orthogonal; undefined when an entry is not finite. */
export const decompose = (matrix: Float64Array, n: number): Eigen | undefined => {
  let trace = 0;
  for (let f = 0; f < n; f++) trace += matrix[f * n + f]!;
  const least = ridge * trace || 1;
  const lower = Float64Array.from(matrix);
  for (let f = 0; f < n; f++) lower[f * n + f]! += least;
  if (!factorize(lower, n, least / 2)) return undefined;
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) vectors[i * n + j] = lower[j * n + i]!;
  orthogonalizeRows(vectors, n);
  const values = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let square = 0;
    for (let f = row * n; f < (row + 1) * n; f++) square += vectors[f]! ** 2;
    values[row] = Math.max(0, square - least);
    const length = Math.sqrt(square);
    for (let f = row * n; f < (row + 1) * n; f++) vectors[f]! /= length;
  }
  return { values, vectors };
};
