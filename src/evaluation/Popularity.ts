/**
 * Popularity: distinct shoppers per item within a sliding window of time, exact at every moment.
 *
 * With the window of the batch's best sellers it is the list that is shown while no model is loaded.
 */
export interface Popularity {
  /** By item row. */
  readonly counts: Uint32Array;
  /** Counts an interaction; `time` (unix seconds) never goes back. */
  readonly observe: (user: number, row: number, time: number) => void;
  /** Forgets what is as old as the window or older, seen from `time`. */
  readonly advance: (time: number) => void;
}

/** The window of `days`; 0 days: all of the past. */
export const windowSeconds = (days: number): number => (days === 0 ? Number.POSITIVE_INFINITY : days * 86_400);

/** An infinite `window` (seconds) never forgets. */
export const makePopularity = (items: number, window: number): Popularity => {
  const counts = new Uint32Array(items);
  /** Interactions within the window per (user, item). */
  const alive = new Map<number, number>();
  const keys: Array<number> = [];
  const times: Array<number> = [];
  let oldest = 0;

  const advance = (time: number): void => {
    while (oldest < times.length && time - times[oldest] >= window) {
      const key = keys[oldest++];
      const left = (alive.get(key) ?? 0) - 1;
      if (left > 0) alive.set(key, left);
      else {
        alive.delete(key);
        counts[key % items]--;
      }
    }
    if (oldest > 65_536 && oldest * 2 > times.length) {
      keys.splice(0, oldest);
      times.splice(0, oldest);
      oldest = 0;
    }
  };

  return {
    counts,
    advance,
    observe: (user, row, time) => {
      advance(time);
      const key = user * items + row;
      const before = alive.get(key) ?? 0;
      if (before === 0) counts[row]++;
      alive.set(key, before + 1);
      if (window < Number.POSITIVE_INFINITY) {
        keys.push(key);
        times.push(time);
      }
    },
  };
};

/** Item rows by falling count, ties by smaller row. */
export const mostPopular = (counts: Uint32Array): Uint32Array =>
  Uint32Array.from(counts, (_, row) => row).sort((a, b) => counts[b] - counts[a] || a - b);

/**
 * The rank, from 1, of row `target` among the rows that `allowed` (one byte per row) does not hold as 0: the order of
 * `mostPopular`, counted without sorting.
 */
export const rankByCount = (counts: ArrayLike<number>, target: number, allowed: Uint8Array): number => {
  const wanted = counts[target];
  let above = 0;
  for (let row = 0; row < target; row++) if (counts[row] >= wanted && allowed[row] !== 0) above++;
  for (let row = target + 1; row < counts.length; row++) if (counts[row] > wanted && allowed[row] !== 0) above++;
  return above + 1;
};
