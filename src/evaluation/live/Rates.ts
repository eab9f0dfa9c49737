/**
 * Rates: shares with 95 % intervals, and differences of them, that allow for one shopper's events being alike.
 *
 * Of N events of U shoppers, D of them hits, p = D / N. Its variance over shoppers is v = U/(U−1) · Σᵤ (Dᵤ − nᵤ·p)² / N² (Cochran,
 * "Sampling Techniques", 3rd ed. 1977, chapter 9A), which N* = N · max(1, v / (p(1−p)/N))⁻¹ events of as many shoppers would have; the
 * interval is Wilson's for p and N* by Student's t with U − 1 degrees of freedom (Kott and Carr, Journal of Official Statistics 13,
 * 1997), so it stays within 0 and 1, and also none of few is told from never. The interval of a difference is Newcombe's of both
 * (Statistics in Medicine 17, 1998, method 10), as of independent groups.
 */
import { quantile } from "../Clustered.ts";

export interface Rate {
  readonly hits: number;
  readonly of: number;
  /** Shoppers. */
  readonly shoppers: number;
  readonly rate: number;
  /** The interval; 0 and 1 where nothing is known, as of one shopper alone. */
  readonly low: number;
  readonly high: number;
}

/** Gathers events, all of one shopper in a row. */
export interface Tally {
  readonly add: (shopper: string, isHit: boolean) => void;
  /** Of what was added so far. */
  readonly rate: () => Rate;
}

export interface Difference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** Wilson's interval. */
const wilson = (p: number, n: number, z: number): readonly [number, number] => {
  const middle = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2))) / (1 + z ** 2 / n);
  return [Math.max(0, Math.min(p, middle - half)), Math.min(1, Math.max(p, middle + half))];
};

export const makeTally = (): Tally => {
  let [last, own, ownHits] = ["", 0, 0];
  let [shoppers, of, hits, hitsSquared, mixed, squared] = [0, 0, 0, 0, 0, 0];
  /** Ends with the shopper. */
  const close = (): void => {
    if (own === 0) return;
    shoppers++;
    of += own;
    hits += ownHits;
    hitsSquared += ownHits ** 2;
    mixed += own * ownHits;
    squared += own ** 2;
    own = 0;
    ownHits = 0;
  };
  return {
    add: (shopper, isHit) => {
      if (shopper !== last) close();
      last = shopper;
      own++;
      if (isHit) ownHits++;
    },
    rate: () => {
      close();
      if (of === 0) return { hits, of, shoppers, rate: 0, low: 0, high: 1 };
      const rate = hits / of;
      if (shoppers < 2) return { hits, of, shoppers, rate, low: 0, high: 1 };
      const spread = Math.max(0, hitsSquared - 2 * rate * mixed + rate ** 2 * squared);
      const variance = ((shoppers / (shoppers - 1)) * spread) / of ** 2;
      const ofAll = (rate * (1 - rate)) / of;
      const worth = ofAll === 0 ? of : of / Math.max(1, variance / ofAll);
      // Of few degrees of freedom the quantile's series is too low.
      const z = shoppers === 2 ? 12.7062 : shoppers === 3 ? 4.3027 : quantile(shoppers - 1);
      const [low, high] = wilson(rate, worth, z);
      return { hits, of, shoppers, rate, low, high };
    },
  };
};

/** `one` less `other`. */
export const differenceOf = (one: Rate, other: Rate): Difference => {
  const difference = one.rate - other.rate;
  return {
    difference,
    low: difference - Math.hypot(one.rate - one.low, other.high - other.rate),
    high: difference + Math.hypot(one.high - one.rate, other.rate - other.low),
  };
};

/** Whether the interval leaves 0 out. */
export const isProven = ({ high, low }: Difference): boolean => low > 0 || high < 0;
