/**
 * Budget: what fits into the minutes that a search is given, by what the default's own trial costs on this machine.
 *
 * Settings are measured on as many shoppers as let a first bracket be tried to its end and the winner be compared; on a third, a ninth …
 * of them where that does not fit. The numbers are rough, and rather too large: a clock ends the search and the comparison.
 */

/** Seconds. */
export interface Costs {
  /** Of what no setting changes: the ratings of a part, its followers. */
  readonly part: number;
  /** Of a training by the default. */
  readonly training: number;
  /** Of a pass over the events, whoever is ranked for. */
  readonly pass: number;
  /** Of ranking for one shopper more by every way to learn. */
  readonly shopper: number;
}

export interface Room {
  /** Shoppers that settings are measured on, of all that could be. */
  readonly shoppers: number;
  /** Whether a bracket is not tried to its end. */
  readonly isShort: boolean;
  /** Whether nothing but the default could be tried. */
  readonly isTooShort: boolean;
  /** Minutes that would do. */
  readonly enough: number;
}

/** Other settings take longer than the default, where their vectors are longer. */
const dearer = 1.5;
/** The comparison trains on more than the search, and must not be late. */
const larger = 1.4;
/** Ranking by one recipe, of what all ways to learn take. */
const byOne = 1 / 3;
/** Most of the time that is kept for ranking in the comparison. */
const mostRanking = 0.15;

/** Fewer shoppers tell settings apart by chance alone. */
export const fewest = 60;
const eta = 3;

/** All, a third, a ninth, … */
const ladder = (all: number, least: number): ReadonlyArray<number> => {
  const sizes = [all];
  while (Math.ceil(sizes[sizes.length - 1] / eta) >= least) sizes.push(Math.ceil(sizes[sizes.length - 1] / eta));
  return sizes;
};

/** Seconds to be kept for the comparison, out of `seconds`: two trainings, those of the default and of the best so far, and passes over `shoppers`. */
export const reserveFor = (
  { part, pass, shopper }: Costs,
  trainings: number,
  shoppers: number,
  seconds: number,
): number =>
  larger * (part + trainings) +
  Math.max(4 * pass, Math.min(4 * pass + 2 * byOne * shopper * shoppers, mostRanking * seconds));

/** Measured on `shoppers` and compared on `compared`: `settings` beside the default, of a bracket of 9, 3 and 1. */
const secondsFor = (costs: Costs, shoppers: number, settings: number, compared: number, seconds: number): number => {
  const { pass, shopper, training } = costs;
  const byAll = shopper * shoppers;
  const own = training + 3 * pass + byAll;
  const bracket = settings * (dearer * training + pass + byAll / 9) + (settings < 9 ? 0 : 4 * pass + (12 / 9) * byAll);
  return own + bracket + reserveFor(costs, (1 + dearer) * training, compared, seconds);
};

/** As a person would say them. */
const rounded = (minutes: number): number => (minutes < 1 ? Math.ceil(10 * minutes) / 10 : Math.ceil(minutes));

/** `seconds`: what is left of the minutes. `all`: most shoppers to search on, `least`: fewest; `compared`: most to compare on. */
export const roomFor = (costs: Costs, all: number, compared: number, seconds: number, least = fewest): Room => {
  const sizes = ladder(all, Math.max(least, fewest));
  const smallest = sizes[sizes.length - 1];
  const needs = (shoppers: number, settings: number): number =>
    secondsFor(costs, shoppers, settings, compared, seconds);
  const fitting = sizes.find((shoppers) => needs(shoppers, 9) <= seconds);
  // What is kept for the comparison grows with the time.
  const wanted = secondsFor(costs, smallest, 9, compared, 0) / (1 - mostRanking);
  return {
    shoppers: fitting ?? smallest,
    isShort: fitting === undefined,
    isTooShort: needs(smallest, 1) > seconds,
    enough: rounded(wanted / 60),
  };
};

/** How many shoppers more are ranked for, of those `left`, in `room` seconds, when the `last` took `seconds`; 0: it is not worth another pass. */
export const furtherOf = (left: number, last: number, seconds: number, room: number): number => {
  const fit = seconds <= 0 ? left : Math.max(0, Math.floor((last * room) / seconds));
  return fit >= left ? left : fit < last ? 0 : fit;
};
