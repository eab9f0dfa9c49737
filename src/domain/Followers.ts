/**
 * Followers: which items come after which in shoppers' histories.
 *
 * C[a→b] = Σ over all interactions with b, over each of the same shopper's `followerWindow` interactions before it that was
 * with a (the one just before has lag 1), of 0.8^(lag−1). Every interaction counts alike, whatever its type; a may be b.
 * Counts are whole millionths, each term rounded by itself, so that a sum does not depend on its order.
 */

/** Interactions before an event that it follows. */
export const followerWindow = 20;

/** By lag − 1: what a pair at that lag adds, in millionths. */
export const lagMillionths: ReadonlyArray<number> = Array.from({ length: followerWindow }, (_, lag) =>
  Math.round(1e6 * 0.8 ** lag),
);

/** Followers that are kept of an item. */
export const keptFollowers = 100;

/** Added to an item's total before anything is divided by it: few observations prove little. */
export const followerSmoothing = 10;

/** The best followers of every item, by row of a catalogue: those of row r stand from `pointers[r]` to `pointers[r + 1]` − 1. */
export interface Followers {
  /** Length rows + 1. */
  readonly pointers: Uint32Array;
  /** Their itemIdx: most counted first, ties by smaller index. */
  readonly items: Uint32Array;
  /** C[item→follower] in millionths, whole numbers. */
  readonly counts: Float64Array;
  /** By row: Σ C[item→b] over all its followers b, those too that are not kept; millionths. */
  readonly totals: Float64Array;
}

export const noFollowers = (rows: number): Followers => ({
  pointers: new Uint32Array(rows + 1),
  items: new Uint32Array(0),
  counts: new Float64Array(0),
  totals: new Float64Array(rows),
});

export type AddPair = (item: number, follower: number, millionths: number) => void;

/** Adds what the interaction at place `at` of one shopper's items, in time order from place `from`, makes of those before it. */
export const countEvent = (items: ArrayLike<number>, at: number, from: number, add: AddPair): void => {
  const most = Math.min(followerWindow, at - from);
  for (let lag = 1; lag <= most; lag++) add(items[at - lag], items[at], lagMillionths[lag - 1]);
};

/** Adds all pairs of one shopper's items, which stand in time order from place `from` to `to` − 1. */
export const countHistory = (items: ArrayLike<number>, from: number, to: number, add: AddPair): void => {
  for (let at = from + 1; at < to; at++) countEvent(items, at, from, add);
};

export interface Best {
  readonly items: Uint32Array;
  readonly counts: Float64Array;
}

/** The `most` best of the first `size` followers, each of which stands there once: most counted first, ties by smaller index. */
export const bestFollowers = (
  items: ArrayLike<number>,
  counts: ArrayLike<number>,
  size: number,
  most = keptFollowers,
): Best => {
  const length = Math.min(size, most);
  const best = { items: new Uint32Array(length), counts: new Float64Array(length) };
  const isBetter = (item: number, count: number, place: number): boolean =>
    count > best.counts[place] || (count === best.counts[place] && item < best.items[place]);
  let kept = 0;
  for (let i = 0; i < size && length > 0; i++) {
    const item = items[i];
    const count = counts[i];
    // Most are no better than the last that is kept.
    if (kept === length && !isBetter(item, count, length - 1)) continue;
    let place = kept < length ? kept++ : length - 1;
    for (; place > 0 && isBetter(item, count, place - 1); place--) {
      best.items[place] = best.items[place - 1];
      best.counts[place] = best.counts[place - 1];
    }
    best.items[place] = item;
    best.counts[place] = count;
  }
  return best;
};

/** P(follower | item) = C / (smoothing + Σ C), of counts in millionths; below 1. */
export const followProbability = (count: number, total: number, smoothing = followerSmoothing): number =>
  count / (1e6 * smoothing + total);
