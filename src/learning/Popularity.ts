/**
 * Popularity: how much of all that happens in the shop has to do with each item, the newest most. One definition for the
 * batch, the stream, what is served and what is evaluated.
 *
 *   pop(j) = Σ over the events e of j of w(typeₑ)·2^(tₑ/H) / the same over all events
 *
 * w: `EventTypes.weights`; tₑ: the event's time; H: the half-life, which the batch takes from the data and writes to the model.
 * An event counts half as much H later; since all fade alike, shares do not depend on the time at which they are asked for. Sums
 * are told as of some time: an event of then has its weight, one before it less, one after it more.
 *
 * The half-life is the time that the newest thirtieth of the events spans, in whole hours, and at least a day: so it never
 * looks at a window in which nothing happened; of a silence within, 30 days count.
 *
 * What happened before a silence of more than a half-life counts as if it had been one half-life: else the first event after
 * years, or the first of a shop whose history ends long ago, would be all that is popular.
 */
import { makeBest } from "../kernels/Best.ts";
import type { Popularity } from "./BlendSearch.ts";

const hourSeconds = 3_600;
const shortestHours = 24;
/** Of a silence, in the half-life. */
const longestSilenceHours = 30 * 24;
/** The half-life is what one of so many equal parts of the events spans, the newest. */
const eventParts = 30;
/** Of an event that is more half-lives after it, a sum is told as of that event's time anew, so that none outgrows f64. */
const mostHalvings = 200;

export const hourOf = (time: number): number => Math.floor(time / hourSeconds);

/** Of events, counted by the hour since 1970 in which they were; in seconds. */
export const halfLifeOf = (events: ReadonlyMap<number, number>): number => {
  const hours = [...events.keys()].sort((a, b) => b - a);
  const all = [...events.values()].reduce((sum, count) => sum + count, 0);
  let [seen, span] = [0, 0];
  for (const [place, hour] of hours.entries()) {
    if (place > 0) span += Math.min(longestSilenceHours, hours[place - 1] - hour);
    seen += events.get(hour) ?? 0;
    if (seen * eventParts >= all) break;
  }
  return hourSeconds * Math.max(shortestHours, span);
};

/** The time at which what happened until `last` counts once an event of `time` comes: `asOf`, or later after a silence. */
export const afterSilence = (asOf: number, last: number, time: number, halfLife: number): number =>
  asOf + Math.max(0, time - last - halfLife);

/** By hour of an event, how much later it counts than it was, in seconds, for the silences after it; events counted by hour. */
export const silencesAfter = (events: ReadonlyMap<number, number>, halfLife: number): ReadonlyMap<number, number> => {
  const hours = [...events.keys()].sort((a, b) => b - a);
  let later = 0;
  return new Map(
    hours.map((hour, place) => {
      if (place > 0) later += Math.max(0, hourSeconds * (hours[place - 1] - hour) - halfLife);
      return [hour, later] as const;
    }),
  );
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
