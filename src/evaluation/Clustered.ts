/**
 * Clustered: means over events with 95 % intervals that allow for one shopper's events being alike.
 *
 * The mean over all events d̄ = Σᵤ Dᵤ / N is a ratio of sums over shoppers (Dᵤ the sum of a shopper's nᵤ values, N = Σᵤ nᵤ), and
 * its variance U/(U−1) · Σᵤ (Dᵤ − nᵤ·d̄)² / N², U the number of shoppers; half the interval's width is its root times the
 * 97.5 % quantile of Student's t with U − 1 degrees of freedom. Of differences between two contestants at the same events
 * it is the paired interval. Cochran, "Sampling Techniques", 3rd ed. 1977, chapters 6 and 9A.
 */
import type { Estimate } from "./Report.ts";

const z = 1.959964;

/** The 97.5 % quantile of Student's t, to 1 % from 3 degrees of freedom up. Abramowitz, Stegun, 26.7.5. */
export const quantile = (degrees: number): number => {
  const [z3, z5] = [z ** 3, z ** 5];
  return (
    z +
    (z3 + z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees ** 3)
  );
};

/** Over events 0 … `events` − 1, of which `shopperOf` tells the shopper, 0 … `shoppers` − 1. Of one shopper nothing is known: the margin is 1, as wide as measures are. */
export const clusteredMean = (
  events: number,
  shopperOf: ArrayLike<number>,
  shoppers: number,
  value: (event: number) => number,
): Estimate => {
  if (events === 0) return { mean: 0, margin: 0 };
  const sums = new Float64Array(shoppers);
  const counts = new Float64Array(shoppers);
  let total = 0;
  for (let event = 0; event < events; event++) {
    const one = value(event);
    total += one;
    sums[shopperOf[event]] += one;
    counts[shopperOf[event]]++;
  }
  const mean = total / events;
  let squares = 0;
  let some = 0;
  for (let shopper = 0; shopper < shoppers; shopper++) {
    if (counts[shopper] === 0) continue;
    some++;
    squares += (sums[shopper] - counts[shopper] * mean) ** 2;
  }
  if (some < 2) return { mean, margin: 1 };
  return { mean, margin: (quantile(some - 1) * Math.sqrt((some / (some - 1)) * squares)) / events };
};
