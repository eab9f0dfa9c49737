/**
 * FadingPopularity: popularity as it is served (`learning/Popularity.ts`), over the rows of a training set, kept up to date event by
 * event.
 */
import { defaultEventTypes } from "../domain/EventTypes.ts";
import type { Popularity } from "../learning/BlendSearch.ts";
import {
  afterSilence,
  asOfWith,
  fadeBetween,
  gainOf,
  halfLifeOf,
  hourOf,
  mostPopular,
} from "../learning/Popularity.ts";
import type { BatchPopularity } from "../learning/Trending.ts";

export interface FadingPopularity extends Popularity {
  readonly scores: Float64Array;
  /** Seconds. */
  readonly halfLife: number;
  /** `type` is a code, `time` in unix seconds. */
  readonly observe: (row: number, type: number, time: number) => void;
  /** The best `count` rows of those that `available` (1 or 0) has, best first, ties by smaller row. */
  readonly best: (count: number, available: ArrayLike<number>) => Uint32Array;
}

/** `halfLife` H in seconds, above 0; `before`: what a batch counted; `weights`: by type. */
export const makeFadingPopularity = (
  items: number,
  halfLife: number,
  before?: BatchPopularity,
  weights = defaultEventTypes.weights,
): FadingPopularity => {
  const scores = new Float64Array(items);
  let total = 0;
  let asOf: number | undefined;
  /** The newest event's time. */
  let last = Number.POSITIVE_INFINITY;
  if (before !== undefined) {
    for (let row = 0; row < items; row++) scores[row] = before.shares[row] * before.total;
    ({ asOf, total } = before);
    last = asOf;
  }
  const popularity: FadingPopularity = {
    scores,
    halfLife,
    get total() {
      return total;
    },
    observe: (row, type, time) => {
      asOf = afterSilence(asOf ?? time, last, time, halfLife);
      last = last === Number.POSITIVE_INFINITY ? time : Math.max(last, time);
      const later = asOfWith(time, asOf, halfLife);
      if (later !== asOf) {
        const fade = fadeBetween(asOf, later, halfLife);
        for (let other = 0; other < items; other++) scores[other] *= fade;
        total *= fade;
        asOf = later;
      }
      const gain = gainOf(weights[type], time, asOf, halfLife);
      scores[row] += gain;
      total += gain;
    },
    best: (count, available) => mostPopular(popularity, count, available),
  };
  return popularity;
};

/** Of events at `times`, as the batch would find it. */
export const halfLifeOfTimes = (times: ArrayLike<number>): number => {
  const hours = new Map<number, number>();
  for (let i = 0; i < times.length; i++) {
    const hour = hourOf(times[i]);
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
  }
  return halfLifeOf(hours);
};
