/**
 * Quantize: short integer copies of vectors, with a bound on what they leave out.
 *
 * y = ŷ + d with ŷ_f = scale · code_f, |code| ≤ 127; q = q̂ + e, codes up to 32767. Then q·y = q̂·ŷ + e·ŷ + q·d, and by
 * Cauchy–Schwarz q·y ≤ q̂·ŷ + |q| · margin, margin = |d| + δ(|y| + |d|) + ε|y|, where |e| ≤ δ|q| with δ = √rank / 65534,
 * and ε = (rank + 16) · 2⁻²² is more than f32 arithmetic loses in either of the two scores.
 */

/** Vectors with a largest entry outside these limits would over- or underflow on the way; nothing is claimed of them. */
const least = 1e-12;
const most = 1e12;
const largestCode = 127;
const largestQueryCode = 32767;

const largestEntry = (values: Float32Array, start: number, rank: number): number => {
  let largest = 0;
  for (let at = start; at < start + rank; at++) {
    const size = Math.abs(values[at]!);
    if (!(size <= largest)) largest = size;
  }
  return largest;
};

/** False for NaN too. */
const isUsual = (largest: number): boolean => largest >= least && largest <= most;

export interface QuantizedRows {
  /** rows × codeWidth. */
  readonly codes: Int8Array;
  readonly scales: Float32Array;
  readonly margins: Float32Array;
}

/** Fills `target` from `vectors` (rows × width, of which the first `rank` count). */
export const quantizeRows = (
  vectors: Float32Array,
  shape: { readonly rows: number; readonly width: number; readonly rank: number; readonly codeWidth: number },
  { codes, scales, margins }: QuantizedRows,
): void => {
  const { rows, width, rank, codeWidth } = shape;
  const queryLoss = Math.sqrt(rank) / (2 * largestQueryCode);
  const rounding = (rank + 16) / 2 ** 22;
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    const largest = largestEntry(vectors, start, rank);
    if (!isUsual(largest)) {
      // A row of NaN is never found, and needs no score to be told so.
      margins[row] = largest === 0 ? 0 : Number.isNaN(largest) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      continue;
    }
    const scale = Math.fround(largest / largestCode);
    let squares = 0;
    let lost = 0;
    for (let f = 0; f < rank; f++) {
      const value = vectors[start + f]!;
      const code = Math.max(-largestCode, Math.min(largestCode, Math.round(value / scale)));
      codes[row * codeWidth + f] = code;
      const difference = value - scale * code;
      squares += value * value;
      lost += difference * difference;
    }
    const [length, distance] = [Math.sqrt(squares), Math.sqrt(lost)];
    scales[row] = scale;
    margins[row] = (distance + queryLoss * (length + distance) + rounding * length) * (1 + 2 ** -20);
  }
};

/** Writes the codes of a query; answers its scale and its length, infinite when nothing can be claimed. */
export const quantizeQuery = (
  query: Float32Array,
  codes: Int16Array,
): { readonly scale: number; readonly norm: number } => {
  const largest = largestEntry(query, 0, query.length);
  if (!isUsual(largest)) {
    codes.fill(0);
    return { scale: 0, norm: Number.POSITIVE_INFINITY };
  }
  const scale = Math.fround(largest / largestQueryCode);
  let squares = 0;
  for (let f = 0; f < query.length; f++) {
    codes[f] = Math.max(-largestQueryCode, Math.min(largestQueryCode, Math.round(query[f]! / scale)));
    squares += query[f]! * query[f]!;
  }
  return { scale, norm: Math.sqrt(squares) * (1 + 2 ** -20) };
};
