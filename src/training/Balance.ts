/**
 * Balance: of all factors with the same scores X Yᵀ, those of the least |X|² + |Y|².
 *
 * With X Yᵀ = U Σ Vᵀ they are X = U Σ^½ and Y = V Σ^½, so that XᵀX = YᵀY = Σ. Exact ALS ends there by itself, since
 * XᵀX = YᵀY wherever the loss is stationary in both sides (Srebro, Rennie, Jaakkola, "Maximum-Margin Matrix
 * Factorization", NIPS 2004, has the minimum; it equals 2 Σ σ), but with a small λ not within any number of iterations
 * one would wait for. Scores do not change. What mixes vectors of both sides does: the moving average of online learning
 * would otherwise take the scale of its steps, per direction, from the seed.
 */
import { factorize, invertLower } from "../kernels/Cholesky.ts";
import { orthogonalizeRows } from "../kernels/Jacobi.ts";

/**
 * Added to a Gramian's diagonal, relative to its trace: above the rounding of its f32 products, which may leave it with
 * negative eigenvalues where one side does not use a direction.
 */
const ridge = 1e-6;

export interface Balance {
  /** X A and Y B are balanced and A Bᵀ = I. Row-major, rank × rank; columns by falling singular value. */
  readonly users: Float64Array;
  readonly items: Float64Array;
}

/** L with L Lᵀ = G + ridge; zeros above the diagonal. */
const lowerOf = (gramian: Float64Array, rank: number): Float64Array => {
  const lower = Float64Array.from(gramian);
  let trace = 0;
  for (let f = 0; f < rank; f++) trace += gramian[f * rank + f]!;
  const least = ridge * trace || 1;
  for (let f = 0; f < rank; f++) lower[f * rank + f]! += least;
  factorize(lower, rank, least);
  for (let f = 0; f < rank; f++) lower.fill(0, f * rank + f + 1, (f + 1) * rank);
  return lower;
};

/** C = Aᵀ · B. */
const multiplyTransposed = (a: Float64Array, b: Float64Array, rank: number): Float64Array => {
  const product = new Float64Array(rank * rank);
  for (let k = 0; k < rank; k++) {
    for (let i = 0; i < rank; i++) {
      const scale = a[k * rank + i]!;
      for (let j = 0; j < rank; j++) product[i * rank + j]! += scale * b[k * rank + j]!;
    }
  }
  return product;
};

const transpose = (matrix: Float64Array, rank: number): Float64Array =>
  matrix.map((_, at) => matrix[(at % rank) * rank + Math.floor(at / rank)]!);

/**
 * From the Gramians XᵀX and YᵀY.
 *
 * With XᵀX = K Kᵀ and YᵀY = L Lᵀ, X Yᵀ has the singular values of KᵀL = P Σ Qᵀ, and A = L Q Σ^−½, B = L⁻ᵀ Q Σ^½.
 */
export const balanceOf = (usersGramian: Float64Array, itemsGramian: Float64Array, rank: number): Balance => {
  const lower = lowerOf(itemsGramian, rank);
  const inverse = new Float64Array(rank * rank);
  invertLower(lower, inverse, rank);
  const rows = multiplyTransposed(lowerOf(usersGramian, rank), lower, rank);
  orthogonalizeRows(rows, rank);
  const sigma = Float64Array.from({ length: rank }, (_, i) =>
    Math.sqrt(rows.subarray(i * rank, (i + 1) * rank).reduce((sum, value) => sum + value * value, 0)),
  );
  const order = Array.from(sigma.keys()).sort((a, b) => sigma[b]! - sigma[a]! || a - b);
  /** Q, each column times `scale` of its singular value. */
  const columns = (scale: (value: number) => number): Float64Array => {
    const scaled = new Float64Array(rank * rank);
    order.forEach((from, column) => {
      const factor = scale(sigma[from]!) / sigma[from]!;
      for (let f = 0; f < rank; f++) scaled[f * rank + column] = rows[from * rank + f]! * factor;
    });
    return scaled;
  };
  return {
    users: multiplyTransposed(
      transpose(lower, rank),
      columns((value) => 1 / Math.sqrt(value)),
      rank,
    ),
    items: multiplyTransposed(inverse, columns(Math.sqrt), rank),
  };
};
