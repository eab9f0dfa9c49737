/**
 * Trending: what sells now. The batch's best sellers, plus what the stream has seen since: per partition the sum of
 * event weights per item, each halved every `halfLifeSeconds` of event time.
 */
import type { PopularItems } from "../ports/Popular.ts";
import type { PartitionTrend } from "../ports/UserStates.ts";

export const halfLifeSeconds = 7 * 86_400;
/** Items kept per partition; the lowest scores fall out first. */
export const keptTrendItems = 512;

export interface TrendEvent {
  readonly itemIdx: number;
  readonly weight: number;
  /** Unix seconds. */
  readonly time: number;
}

const faded = (score: number, seconds: number): number => score * 2 ** (-seconds / halfLifeSeconds);

/** The partition's trend after `events`; `next` is 1 + the offset of the last of them. */
export const advanceTrend = (
  trend: PartitionTrend | undefined,
  events: ReadonlyArray<TrendEvent>,
  next: bigint,
): PartitionTrend => {
  const before = trend?.asOf ?? 0;
  const asOf = events.reduce((newest, event) => Math.max(newest, event.time), before);
  const scores = new Map<number, number>();
  for (const [itemIdx, score] of trend?.scores ?? []) scores.set(itemIdx, faded(score, asOf - before));
  for (const { itemIdx, weight, time } of events) {
    scores.set(itemIdx, (scores.get(itemIdx) ?? 0) + faded(weight, asOf - time));
  }
  if (scores.size <= keptTrendItems) return { next, asOf, scores };
  const best = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, keptTrendItems);
  return { next, asOf, scores: new Map(best) };
};

/** Best first: buyers of the batch's window plus the stream's faded weights at `now` (unix seconds); ties by index. */
export const mergeTrending = (
  popular: PopularItems | undefined,
  trends: ReadonlyArray<PartitionTrend>,
  now: number,
): ReadonlyArray<{ readonly itemIdx: number; readonly score: number }> => {
  const scores = new Map<number, number>();
  for (const { itemIdx, buyers } of popular?.items ?? []) scores.set(itemIdx, buyers);
  for (const trend of trends) {
    const age = Math.max(0, now - trend.asOf);
    for (const [itemIdx, score] of trend.scores) scores.set(itemIdx, (scores.get(itemIdx) ?? 0) + faded(score, age));
  }
  return [...scores]
    .map(([itemIdx, score]) => ({ itemIdx, score }))
    .sort((a, b) => b.score - a.score || a.itemIdx - b.itemIdx);
};
