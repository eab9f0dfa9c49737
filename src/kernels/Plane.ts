/**
 * Plane: the two directions along which the directions of many vectors differ most, and where each vector lies on them: principal
 * components (Pearson, "On Lines and Planes of Closest Fit to Systems of Points in Space", 1901) of the vectors at length 1. Lengths
 * tell how much is bought, so they are left out. Vectors are rows × rank, row-major; a row of zeros has no direction and counts for nothing.
 */
import { decompose } from "./Eigen.ts";

/** Sums over the directions u = v/|v| that were added: Σ u, and Σ u uᵀ in the lower triangle. f64. */
export interface Moments {
  readonly rank: number;
  readonly sums: Float64Array;
  readonly products: Float64Array;
  count: number;
}

export interface Plane {
  /** Length rank: the middle of all directions. */
  readonly mean: ReadonlyArray<number>;
  /** Two of length rank, of length 1 and orthogonal, or zeros where nothing is left to differ by. */
  readonly axes: readonly [ReadonlyArray<number>, ReadonlyArray<number>];
  /** By axis: the share of the variance along it, from 0 to 1. */
  readonly explained: readonly [number, number];
}

export const makeMoments = (rank: number): Moments => ({
  rank,
  sums: new Float64Array(rank),
  products: new Float64Array(rank * rank),
  count: 0,
});

const inverseLength = (vectors: Float32Array, start: number, rank: number): number => {
  let squares = 0;
  for (let at = start; at < start + rank; at++) squares += vectors[at]! * vectors[at]!;
  return squares > 0 ? 1 / Math.sqrt(squares) : 0;
};

/** Adds every `step`th row from `from` to below `to`. */
export const addRows = (moments: Moments, vectors: Float32Array, from: number, to: number, step = 1): void => {
  const { products, rank, sums } = moments;
  const unit = new Float64Array(rank);
  for (let row = from; row < to; row += step) {
    const inverse = inverseLength(vectors, row * rank, rank);
    if (inverse === 0) continue;
    for (let f = 0; f < rank; f++) unit[f] = vectors[row * rank + f]! * inverse;
    for (let i = 0, at = 0; i < rank; i++, at = i * rank) {
      const own = unit[i]!;
      sums[i]! += own;
      for (let j = 0; j <= i; j++) products[at++]! += own * unit[j]!;
    }
    moments.count += 1;
  }
};

/** Of largest variance first; ties by place. Each is turned so that its largest entry, the first of equal ones, is above 0. */
const axisOf = (vectors: Float64Array, rank: number, row: number): ReadonlyArray<number> => {
  const own = Array.from(vectors.subarray(row * rank, (row + 1) * rank));
  const largest = own.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? own.map((value) => -value) : own;
};

/** Variance that is no more than the rounding of all. */
const nothing = 1e-9;

/** The same for the same rows, in whatever slices they were added. Undefined where none was, or where an entry is not finite. */
export const planeOf = ({ count, products, rank, sums }: Moments): Plane | undefined => {
  if (count === 0 || rank === 0) return undefined;
  const mean = Array.from(sums, (sum) => sum / count);
  const covariance = new Float64Array(rank * rank);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j <= i; j++) {
      const value = products[i * rank + j]! / count - mean[i]! * mean[j]!;
      covariance[i * rank + j] = value;
      covariance[j * rank + i] = value;
    }
  }
  const found = decompose(covariance, rank);
  if (found === undefined) return undefined;
  const { values, vectors } = found;
  const total = values.reduce((sum, value) => sum + value, 0);
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  const share = (place: number): number => {
    const value = place < rank ? values[order[place]!]! : 0;
    return total > nothing && value > nothing * total ? value / total : 0;
  };
  const axis = (place: number): ReadonlyArray<number> =>
    share(place) === 0 ? new Array<number>(rank).fill(0) : axisOf(vectors, rank, order[place]!);
  return { mean, axes: [axis(0), axis(1)], explained: [share(0), share(1)] };
};

/** (u − mean) · axis of rows from `from` to below `to`, at the same rows of `x` and `y`; NaN for a row without a direction. */
export const project = (
  { axes, mean }: Plane,
  vectors: Float32Array,
  [from, to]: readonly [from: number, to: number],
  x: Float32Array,
  y: Float32Array,
): void => {
  const rank = mean.length;
  const [first, second] = axes.map((axis) => Float64Array.from(axis)) as [Float64Array, Float64Array];
  let [offX, offY] = [0, 0];
  for (let f = 0; f < rank; f++) {
    offX += mean[f]! * first[f]!;
    offY += mean[f]! * second[f]!;
  }
  for (let row = from; row < to; row++) {
    const start = row * rank;
    const inverse = inverseLength(vectors, start, rank);
    let [a, b] = [0, 0];
    for (let f = 0; f < rank; f++) {
      const value = vectors[start + f]!;
      a += value * first[f]!;
      b += value * second[f]!;
    }
    x[row] = inverse === 0 ? Number.NaN : a * inverse - offX;
    y[row] = inverse === 0 ? Number.NaN : b * inverse - offY;
  }
};
