/**
 * Ridge: least squares of many targets on sparse rows, by conjugate gradient.
 *
 * Minimises Σ_r w_r |t_r − Wᵀa_r|² + μ|W|², the system (AᵀΩA + μI) W = AᵀΩT, one column of W for each of the targets' `width`
 * dimensions. All columns take their steps together, each with lengths of its own, preconditioned by the diagonal. f64
 * throughout; the same input gives the same bits. Hestenes, Stiefel, "Methods of Conjugate Gradients for Solving Linear
 * Systems", 1952.
 */

/** CSR: row r is `scales[r]` at each of `features[pointers[r]]` … `features[pointers[r + 1] - 1]`. */
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

/** Relative residual, squared, below which a column is solved. */
const solved = 1e-10;
const mostSteps = 100;

/** out = Wᵀa_r for W (features × width). */
export const applyRidge = (
  { pointers, features, scales }: SparseRows,
  row: number,
  map: Float64Array,
  width: number,
  out: Float64Array,
): void => {
  out.fill(0);
  for (let k = pointers[row]!; k < pointers[row + 1]!; k++) {
    const base = features[k]! * width;
    for (let f = 0; f < width; f++) out[f]! += map[base + f]!;
  }
  for (let f = 0; f < width; f++) out[f]! *= scales[row]!;
};

/** matrix += a_r vᵀ. */
const addOuter = (rows: SparseRows, row: number, v: Float64Array, matrix: Float64Array, width: number): void => {
  const { pointers, features, scales } = rows;
  for (let k = pointers[row]!; k < pointers[row + 1]!; k++) {
    const base = features[k]! * width;
    for (let f = 0; f < width; f++) matrix[base + f]! += scales[row]! * v[f]!;
  }
};

/** By column, Σ a b. */
const columnProducts = (a: Float64Array, b: Float64Array, width: number): Float64Array => {
  const sums = new Float64Array(width);
  for (let base = 0; base < a.length; base += width) {
    for (let f = 0; f < width; f++) sums[f]! += a[base + f]! * b[base + f]!;
  }
  return sums;
};

/** W, features × width, row-major. */
export const fitRidge = ({ rows, features, targets, width, weights, penalty }: RidgeProblem): Float64Array => {
  const size = features * width;
  const [fitted, residual, image] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  const diagonal = new Float64Array(features).fill(penalty);
  const row = new Float64Array(width);
  weights.forEach((weight, r) => {
    if (weight === 0) return;
    for (let f = 0; f < width; f++) row[f] = weight * targets[r * width + f]!;
    addOuter(rows, r, row, residual, width);
    for (let k = rows.pointers[r]!; k < rows.pointers[r + 1]!; k++) {
      diagonal[rows.features[k]!]! += weight * rows.scales[r]! ** 2;
    }
  });
  /** image = (AᵀΩA + μI) · matrix. */
  const multiply = (matrix: Float64Array): void => {
    for (let at = 0; at < size; at++) image[at] = penalty * matrix[at]!;
    weights.forEach((weight, r) => {
      if (weight === 0) return;
      applyRidge(rows, r, matrix, width, row);
      for (let f = 0; f < width; f++) row[f]! *= weight;
      addOuter(rows, r, row, image, width);
    });
  };
  const conditioned = residual.map((value, at) => value / diagonal[Math.floor(at / width)]!);
  const direction = conditioned.slice();
  let norms = columnProducts(residual, conditioned, width);
  const enough = norms.map((norm) => norm * solved);
  for (let step = 0; step < mostSteps && norms.some((norm, f) => norm > enough[f]!); step++) {
    multiply(direction);
    const curvature = columnProducts(direction, image, width);
    const lengths = norms.map((norm, f) => (norm > enough[f]! ? norm / curvature[f]! : 0));
    for (let at = 0; at < size; at++) {
      const length = lengths[at % width]!;
      fitted[at]! += length * direction[at]!;
      residual[at]! -= length * image[at]!;
      conditioned[at] = residual[at]! / diagonal[Math.floor(at / width)]!;
    }
    const next = columnProducts(residual, conditioned, width);
    for (let at = 0; at < size; at++) {
      const f = at % width;
      direction[at] = norms[f]! > 0 ? conditioned[at]! + (next[f]! / norms[f]!) * direction[at]! : 0;
    }
    norms = next;
  }
  return fitted;
};
