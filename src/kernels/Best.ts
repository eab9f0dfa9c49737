/** Best: the best few of many scored rows, one offered at a time: a binary heap whose root is the worst that is kept. */
import type { Hits } from "./TopK.ts";

export interface Best {
  /** Forgets all; from now on at most `most` (at least 0) are kept. */
  readonly reset: (most: number) => void;
  /** Whether `offer` would keep it. */
  readonly takes: (row: number, score: number) => boolean;
  /** Keeps it where it is among the best. Offer a row once; scores are no NaN. */
  readonly offer: (row: number, score: number) => void;
  readonly size: () => number;
  /** Of those kept, in no order. */
  readonly rowAt: (place: number) => number;
  readonly scoreAt: (place: number) => number;
  /** No row of a lower score is kept. */
  readonly least: () => number;
  /** Those kept, best first, of equal scores the smaller row first, scores as f32; forgets them. */
  readonly take: () => Hits;
}

export const makeBest = (): Best => {
  let most = 0;
  let size = 0;
  let rows = new Uint32Array(0);
  let scores = new Float64Array(0);

  const isWorse = (row: number, score: number, than: number): boolean =>
    score < scores[than] || (score === scores[than] && row > rows[than]);

  /** Moves the entry down from the root until its children are better. */
  const sink = (row: number, score: number): void => {
    let place = 0;
    for (let child = 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && isWorse(rows[child + 1], scores[child + 1], child)) child++;
      if (isWorse(row, score, child)) break;
      rows[place] = rows[child];
      scores[place] = scores[child];
      place = child;
    }
    rows[place] = row;
    scores[place] = score;
  };

  const rise = (row: number, score: number): void => {
    let place = size++;
    for (let parent = (place - 1) >> 1; place > 0 && isWorse(row, score, parent); parent = (place - 1) >> 1) {
      rows[place] = rows[parent];
      scores[place] = scores[parent];
      place = parent;
    }
    rows[place] = row;
    scores[place] = score;
  };

  const takes = (row: number, score: number): boolean => size < most || (most > 0 && !isWorse(row, score, 0));

  return {
    reset: (wanted) => {
      most = wanted;
      size = 0;
      if (rows.length < most) {
        rows = new Uint32Array(most);
        scores = new Float64Array(most);
      }
    },
    takes,
    offer: (row, score) => {
      if (size < most) rise(row, score);
      else if (takes(row, score)) sink(row, score);
    },
    size: () => size,
    rowAt: (place) => rows[place],
    scoreAt: (place) => scores[place],
    least: () => (size < most ? Number.NEGATIVE_INFINITY : most > 0 ? scores[0] : Number.POSITIVE_INFINITY),
    take: () => {
      const found = { rows: new Uint32Array(size), scores: new Float32Array(size) };
      while (size > 0) {
        const last = size - 1;
        found.rows[last] = rows[0];
        found.scores[last] = scores[0];
        size = last;
        sink(rows[last], scores[last]);
      }
      return found;
    },
  };
};
