/** UnitRows: vectors at length 1, so that an inner product with them is one with their directions. */

/** Each of the rows (rows × rank, row-major) divided by its length: v/|v| in f32, the length in f64. A row of zeros stays one. */
export const unitRows = (vectors: Float32Array, rank: number): Float32Array => {
  const units = new Float32Array(vectors.length);
  for (let start = 0; start < vectors.length; start += rank) {
    let squares = 0;
    for (let at = start; at < start + rank; at++) squares += vectors[at] * vectors[at];
    if (squares === 0) continue;
    const length = Math.sqrt(squares);
    for (let at = start; at < start + rank; at++) units[at] = vectors[at] / length;
  }
  return units;
};
