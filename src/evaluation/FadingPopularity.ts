/**
 * FadingPopularity: events per item, each halved every half-life that has passed since: it never collapses to nothing, as a
 * window does where little is sold.
 *
 * scores[row] = Σ 2^((tᵢ − t₀) / H) over the item's events, so that an older score need not be touched when time passes:
 * only shares of the total mean something.
 */
import { makeBest } from "../kernels/Best.ts";
import type { Popularity } from "../learning/BlendScore.ts";

export interface FadingPopularity extends Popularity {
  readonly scores: Float64Array;
  /** Seconds. */
  readonly halfLife: number;
  /** `time` in unix seconds; one before the first counts as the first. */
  readonly observe: (row: number, time: number) => void;
  /** The best `count` rows, best first, ties by smaller row. */
  readonly best: (count: number) => ArrayLike<number>;
}

/** After so many half-lives all scores are divided, so that none outgrows f64. */
const halvingsKept = 200;

/** `halfLife` H in seconds, above 0. */
export const makeFadingPopularity = (items: number, halfLife: number): FadingPopularity => {
  const scores = new Float64Array(items);
  const best = makeBest();
  let total = 0;
  let origin: number | undefined;
  const fade = (factor: number): void => {
    for (let row = 0; row < items; row++) scores[row] *= factor;
    total *= factor;
  };
  return {
    scores,
    halfLife,
    get total() {
      return total;
    },
    observe: (row, time) => {
      origin ??= time;
      let halvings = Math.max(0, time - origin) / halfLife;
      if (halvings > halvingsKept) {
        fade(2 ** -halvings);
        origin = time;
        halvings = 0;
      }
      const gain = 2 ** halvings;
      scores[row] += gain;
      total += gain;
    },
    best: (count) => {
      best.reset(count);
      for (let row = 0; row < items; row++) if (scores[row] > 0) best.offer(row, scores[row]);
      return best.take().rows;
    },
  };
};

const daySeconds = 86_400;

/** The time within which the newest thirtieth of the events happened, in seconds, at least a day. `times` ascend. */
export const halfLifeOf = (times: ArrayLike<number>): number => {
  if (times.length === 0) return daySeconds;
  const newest = times[times.length - 1];
  return Math.max(daySeconds, newest - times[Math.floor((times.length * 29) / 30)]);
};
