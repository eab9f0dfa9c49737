/**
 * Popularity: how much of all that happens in the shop has to do with each item, the newest most. One definition for the
 * batch, the stream, what is served and what is evaluated.
 *
 *   pop(j) = Σ over the events e of j of w(typeₑ)·2^(tₑ/H) / the same over all events
 *
 * w: `eventTypeWeights`; tₑ: the event's time; H: the half-life, which the batch takes from the data and writes to the model.
 * An event counts half as much H later; since all fade alike, shares do not depend on the time at which they are asked for. Sums
 * are told as of some time: an event of then has its weight, one before it less, one after it more.
 *
 * The half-life is the time that the newest thirtieth of the events spans, in whole hours, and at least a day: so it never
 * looks at a window in which nothing happened.
 */
import { makeBest } from "../kernels/Best.ts";
import type { Popularity } from "./BlendScore.ts";

const hourSeconds = 3_600;
const shortestHours = 24;
/** The half-life is what one of so many equal parts of the events spans, the newest. */
const eventParts = 30;
/** Of an event that is more half-lives after it, a sum is told as of that event's time anew, so that none outgrows f64. */
const mostHalvings = 200;

export const hourOf = (time: number): number => Math.floor(time / hourSeconds);

/** Of events, counted by the hour since 1970 in which they were; in seconds. */
export const halfLifeOf = (events: ReadonlyMap<number, number>): number => {
  const hours = [...events.keys()].sort((a, b) => b - a);
  const all = [...events.values()].reduce((sum, count) => sum + count, 0);
  let seen = 0;
  const oldest = hours.find((hour) => {
    seen += events.get(hour) ?? 0;
    return seen * eventParts >= all;
  });
  return hourSeconds * Math.max(shortestHours, (hours[0] ?? 0) - (oldest ?? 0));
};

/** What an event of `time` adds to a sum as of `asOf`, in unix seconds; `halfLife` in seconds, above 0. */
export const gainOf = (weight: number, time: number, asOf: number, halfLife: number): number =>
  weight * 2 ** ((time - asOf) / halfLife);

/** What a sum as of `from` is multiplied by to be one as of `to`. */
export const fadeBetween = (from: number, to: number, halfLife: number): number => 2 ** ((from - to) / halfLife);

/** As of when sums are told once an event of `time` came. */
export const asOfWith = (time: number, asOf: number, halfLife: number): number =>
  time - asOf > mostHalvings * halfLife ? time : asOf;

/** The `count` rows of the highest scores, best first, ties by smaller row, of those that `available` (1 or 0) has; none of score 0. */
export const mostPopular = ({ scores }: Popularity, count: number, available: ArrayLike<number>): Uint32Array => {
  const best = makeBest();
  best.reset(count);
  for (let row = 0; row < scores.length; row++) {
    if (scores[row] > 0 && available[row] !== 0) best.offer(row, scores[row]);
  }
  return best.take().rows;
};
