/**
 * Trending: what the stream adds to popularity (`Popularity.ts`): per partition the sum of event weights per item and over all
 * items, and the batch's shares with all partitions' sums together. A silence between the batch's events and the stream's counts as
 * a half-life at most; one between two events of the stream is counted whole until the next batch.
 *
 * A partition's sums are a function of its events' sequence alone, to the bit: not of how they were batched. `keptTrendItems`
 * items at least are kept: where more than a half above come together, the lowest fall out, whose events the total still knows.
 */
import type { PopularItems } from "../ports/Popular.ts";
import type { PartitionTrend } from "../ports/UserStates.ts";
import type { Popularity } from "./BlendSearch.ts";
import { afterSilence, asOfWith, fadeBetween, gainOf } from "./Popularity.ts";
import { advanceLadder } from "./TrendLadder.ts";

/** Of a model of before, which has none of its own; in seconds. */
export const formerHalfLife = 7 * 86_400;
/** Of each partition. */
export const keptTrendItems = 512;
const mostTrendItems = 1.5 * keptTrendItems;

export interface TrendEvent {
  readonly itemIdx: number;
  readonly weight: number;
  /** Unix seconds. */
  readonly time: number;
}

const best = (scores: ReadonlyMap<number, number>): Map<number, number> =>
  new Map([...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, keptTrendItems));

/** The partition's trend after `events`; `next` is 1 + the offset of the last of them, `halfLife` the model's, in seconds. */
export const advanceTrend = (
  trend: PartitionTrend | undefined,
  events: ReadonlyArray<TrendEvent>,
  next: bigint,
  halfLife: number,
): PartitionTrend => {
  let asOf = trend?.asOf;
  let total = trend?.total ?? 0;
  let scores = new Map(trend?.scores);
  for (const { itemIdx, weight, time } of events) {
    asOf ??= time;
    const later = asOfWith(time, asOf, halfLife);
    if (later !== asOf) {
      const fade = fadeBetween(asOf, later, halfLife);
      for (const [other, score] of scores) scores.set(other, score * fade);
      total *= fade;
      asOf = later;
    }
    const gain = gainOf(weight, time, asOf, halfLife);
    total += gain;
    scores.set(itemIdx, (scores.get(itemIdx) ?? 0) + gain);
    if (scores.size > mostTrendItems) scores = best(scores);
  }
  // One that began before ladders were kept has none: it would lack what was before.
  const ladder = trend !== undefined && trend.ladder === undefined ? undefined : advanceLadder(trend?.ladder, events);
  return { next, asOf: asOf ?? 0, total, scores, ladder };
};

/** What a batch counted for a model. */
export interface BatchPopularity {
  /** By row of the catalogue. */
  readonly shares: ArrayLike<number>;
  /** What all its events weigh together as of `asOf`. */
  readonly total: number;
  /** Unix seconds. */
  readonly asOf: number;
  /** Seconds. */
  readonly halfLife: number;
}

/**
 * What the stream's sums, which fade by the half-life `own`, are multiplied by to stand for sums that fade by `asked`, where as much
 * happened in each of the `seconds` that they are of: (1 − 2^(−T/h)) / (1 − 2^(−T/H)).
 */
const asIfBy = (asked: number, own: number, seconds: number): number =>
  asked === own
    ? 1
    : seconds <= 0
      ? own / asked
      : Math.expm1((-seconds * Math.LN2) / asked) / Math.expm1((-seconds * Math.LN2) / own);

/**
 * The batch's events and the stream's since. Items without a row count in the total alone. Some 2 ms at 105,000 items.
 *
 * `asked`: another half-life than the batch's, in seconds. Only sums are known, which fade by the batch's: so by another one, what
 * happened since the batch counts more, or less, against what the batch counted; within either part it stays the batch's own.
 */
export const mergePopularity = (
  batch: BatchPopularity,
  trends: ReadonlyArray<PartitionTrend>,
  rowOfIdx: (itemIdx: number) => number | undefined,
  asked = batch.halfLife,
): Popularity => {
  const { halfLife, shares } = batch;
  const live = trends.filter(({ total }) => total > 0);
  const newest = live.reduce((time, { asOf }) => Math.max(time, asOf), batch.asOf);
  // A partition's sums are as of its first event, or of a much later one.
  const first = live.reduce((time, { asOf }) => Math.min(time, asOf), newest);
  const asOf = afterSilence(batch.asOf, batch.asOf, first, halfLife);
  const before = batch.total * fadeBetween(asOf, newest, asked);
  const since = asIfBy(asked, halfLife, newest - asOf);
  const scores = new Float64Array(shares.length);
  for (let row = 0; row < scores.length; row++) scores[row] = shares[row] * before;
  let total = before;
  for (const trend of live) {
    const fade = since * fadeBetween(trend.asOf, newest, halfLife);
    total += trend.total * fade;
    for (const [itemIdx, score] of trend.scores) {
      const row = rowOfIdx(itemIdx);
      if (row !== undefined) scores[row] += score * fade;
    }
  }
  let most = 0;
  for (const score of scores) if (score > most) most = score;
  return { scores, total, most };
};

/**
 * Of a model of before, whose batch did not tell what its shares are of: buyers of the best sellers' window plus the stream's
 * weights, faded to `now` (unix seconds). Best first, ties by index.
 */
export const mergeTrending = (
  popular: PopularItems | undefined,
  trends: ReadonlyArray<PartitionTrend>,
  now: number,
  halfLife: number,
): ReadonlyArray<{ readonly itemIdx: number; readonly score: number }> => {
  const scores = new Map<number, number>();
  for (const { itemIdx, buyers } of popular?.items ?? []) scores.set(itemIdx, buyers);
  for (const trend of trends) {
    const fade = fadeBetween(trend.asOf, now, halfLife);
    for (const [itemIdx, score] of trend.scores) scores.set(itemIdx, (scores.get(itemIdx) ?? 0) + score * fade);
  }
  return [...scores]
    .map(([itemIdx, score]) => ({ itemIdx, score }))
    .sort((a, b) => b.score - a.score || a.itemIdx - b.itemIdx);
};
