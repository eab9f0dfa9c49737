/**
 * NewItemDraw: which new item is tried on a shopper, by how near what it is lies to their taste.
 *
 * Of N items n are drawn with replacement, n = ⌈N/10⌉ and at most 128, and the one of the greatest cosine to the taste is taken: the
 * item of rank r with probability (1 − (r−1)/N)ⁿ − (1 − r/N)ⁿ. So what is near is tried most, every item has its turn, and
 * a draw costs the same however many there are.
 */
import { inverseLengths } from "../kernels/Lengths.ts";
import type { Random } from "../kernels/Random.ts";

const drawnOf = 10;
const mostDrawn = 128;

/** Of an answer's places, in the mean, unless it is set otherwise. */
export const defaultShare = 0.05;

const drawnFrom = (items: number): number => Math.min(mostDrawn, Math.ceil(items / drawnOf));

/** With which probability a place but the first is given away, so that `share` of all `k` are. */
export const placeChance = (share: number, k: number): number => (k < 2 ? 0 : Math.min(1, (share * k) / (k - 1)));

/** The probability that the item of rank `rank`, from 1, of so many is in one answer of `k` items. */
export const tryChance = (rank: number, items: number, share: number, k: number): number => {
  if (!(rank <= items)) return 0;
  const drawn = drawnFrom(items);
  const taken = (1 - (rank - 1) / items) ** drawn - (1 - rank / items) ** drawn;
  return 1 - (1 - placeChance(share, k) * taken) ** Math.max(0, k - 1);
};

export interface NewItemDraw {
  /** Cosine to the taste, times the length of that. */
  readonly nearness: (row: number, taste: Float32Array) => number;
  /** One of `rows`, of those that are `allowed`; undefined where none was drawn. */
  readonly draw: (
    rows: Uint32Array,
    taste: Float32Array,
    random: Random,
    allowed: (row: number) => boolean,
  ) => number | undefined;
}

/** `vectors`: rows × rank, row-major; `inverse`: by row, 1 / |y|, 0 for zeros. */
export const makeNewItemDraw = (
  vectors: Float32Array,
  rank: number,
  inverse: Float64Array = inverseLengths(vectors, rank),
): NewItemDraw => {
  const nearness = (row: number, taste: Float32Array): number => {
    let sum = 0;
    for (let f = 0; f < rank; f++) sum += taste[f] * vectors[row * rank + f];
    return sum * inverse[row];
  };
  return {
    nearness,
    draw: (rows, taste, random, allowed) => {
      let nearest: number | undefined;
      let most = Number.NEGATIVE_INFINITY;
      for (let left = drawnFrom(rows.length); left > 0; left--) {
        const row = rows[random.below(rows.length)];
        const near = nearness(row, taste);
        if (near > most && allowed(row)) {
          nearest = row;
          most = near;
        }
      }
      return nearest;
    },
  };
};
