/**
 * Histogram: counts of values by size, in fixed buckets of a typed array: some 20 ns a value, whatever is told of it.
 *
 * Counted more finely than /metrics tells, nine buckets a decade, so that quantiles of a second can be read off two moments.
 */

export interface Told {
  /** By told bound, rising: how many values were at most so large. The last bound is infinite. */
  readonly buckets: ReadonlyArray<readonly [bound: number, count: number]>;
  readonly count: number;
  readonly sum: number;
}

export interface Histogram {
  readonly update: (value: number) => void;
  /** As Prometheus has it. */
  readonly told: () => Told;
  /** What was counted until now, by bucket: for `quantilesOf`. */
  readonly counts: () => Float64Array;
  /** Upper bounds of the buckets, rising; the last is infinite. */
  readonly bounds: Float64Array;
}

const mantissas = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5];

/** `told`: bounds that /metrics tells, rising and above 0; counted from a tenth of the first on, and up to ten times the last. */
export const makeHistogram = (told: ReadonlyArray<number>): Histogram => {
  const first = Math.floor(Math.log10(told[0]!)) - 1;
  const last = Math.ceil(Math.log10(told.at(-1)!));
  const fine = Array.from({ length: last - first + 1 }, (_, decade) =>
    // By division, so that a bound is the number that is written so.
    mantissas.map((m) => (first + decade < 0 ? m / 10 ** -(first + decade) : m * 10 ** (first + decade))),
  ).flat();
  const bounds = Float64Array.from([...new Set([...fine, ...told]), Number.POSITIVE_INFINITY]).sort();
  const counts = new Float64Array(bounds.length);
  const places = told.map((bound) => bounds.indexOf(bound));
  let sum = 0;
  return {
    update: (value) => {
      let low = 0;
      let high = bounds.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (bounds[middle]! < value) low = middle + 1;
        else high = middle;
      }
      counts[low]++;
      sum += value;
    },
    told: () => {
      const rising = counts.slice();
      for (let at = 1; at < rising.length; at++) rising[at] += rising[at - 1]!;
      const count = rising.at(-1)!;
      return {
        buckets: [
          ...places.map((at, i) => [told[i]!, rising[at]!] as const),
          [Number.POSITIVE_INFINITY, count] as const,
        ],
        count,
        sum,
      };
    },
    counts: () => counts.slice(),
    bounds,
  };
};

/**
 * Quantiles, each of `qs` from 0 to 1, of what was counted between two moments of one histogram, straight lines drawn within a bucket;
 * undefined where nothing was. Of values beyond the last bound, that bound.
 */
export const quantilesOf = (
  bounds: Float64Array,
  before: Float64Array,
  after: Float64Array,
  qs: ReadonlyArray<number>,
): ReadonlyArray<number> | undefined => {
  let total = 0;
  for (let at = 0; at < after.length; at++) total += after[at]! - before[at]!;
  if (total === 0) return undefined;
  return qs.map((q) => {
    const rank = q * total;
    let below = 0;
    for (let at = 0; at < after.length; at++) {
      const here = after[at]! - before[at]!;
      if (here > 0 && below + here >= rank) {
        const low = at === 0 ? 0 : bounds[at - 1]!;
        return at === bounds.length - 1 ? low : low + ((bounds[at]! - low) * (rank - below)) / here;
      }
      below += here;
    }
    return bounds[bounds.length - 2]!;
  });
};
