/** Lengths: 1 / |y| of each row of `vectors` (rows × rank, row-major), in f64; 0 for a row of zeros. */
export const inverseLengths = (vectors: Float32Array, rank: number): Float64Array => {
  const inverse = new Float64Array(Math.floor(vectors.length / rank));
  for (let row = 0, base = 0; row < inverse.length; row++, base += rank) {
    let squares = 0;
    for (let f = base; f < base + rank; f++) squares += vectors[f] * vectors[f];
    if (squares > 0) inverse[row] = 1 / Math.sqrt(squares);
  }
  return inverse;
};
