/** Jacobi: the singular value decomposition of a square matrix. f64, n × n, row-major. */

/** Cosine of the angle of two rows below which they count as orthogonal. */
const orthogonal = 1e-12;
/** Sweeps over all pairs of rows; convergence is quadratic and takes fewer than a dozen. */
const mostSweeps = 40;

/**
 * Rotates pairs of rows of `matrix` until all are orthogonal: what was P Σ Qᵀ becomes Σ Qᵀ, rows in no order. One-sided
 * Jacobi: Hestenes, "Inversion of Matrices by Biorthogonalization and Related Results", 1958.
 */
export const orthogonalizeRows = (matrix: Float64Array, n: number): void => {
  const inner = (a: number, b: number): number => {
    let sum = 0;
    for (let f = 0; f < n; f++) sum += matrix[a + f]! * matrix[b + f]!;
    return sum;
  };
  for (let sweep = 0, turned = true; turned && sweep < mostSweeps; sweep++) {
    turned = false;
    for (let a = 0; a < n * n; a += n) {
      for (let b = a + n; b < n * n; b += n) {
        const [aa, bb, ab] = [inner(a, a), inner(b, b), inner(a, b)];
        if (Math.abs(ab) <= orthogonal * Math.sqrt(aa) * Math.sqrt(bb)) continue;
        turned = true;
        const slope = (bb - aa) / (2 * ab);
        const tangent = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.sqrt(1 + slope * slope));
        const cosine = 1 / Math.sqrt(1 + tangent * tangent);
        const sine = tangent * cosine;
        for (let f = 0; f < n; f++) {
          const [x, y] = [matrix[a + f]!, matrix[b + f]!];
          matrix[a + f] = cosine * x - sine * y;
          matrix[b + f] = sine * x + cosine * y;
        }
      }
    }
  }
};
