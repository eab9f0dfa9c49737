/** TrendLadder: what one partition's events weigh, per item, by many half-lives at once (`learning/TrendLadder.ts`). */

/** How many half-lives: each twice as long as the one before it, from an hour on. */
export const rungs = 15;

/** Nothing writes to its arrays. */
export interface TrendLadder {
  /** Unix seconds: as in `PartitionTrend`, by each half-life. */
  readonly asOf: number;
  /** The newest event's time. */
  readonly newest: number;
  /** By half-life, of all events, those too whose items are not kept. */
  readonly totals: Float64Array;
  readonly items: Uint32Array;
  /** Items × half-lives. */
  readonly sums: Float32Array;
}

/** What a batch's events weigh, per item, by the same half-lives. Nothing writes to its arrays. */
export interface ItemTrends {
  /** By item index × `rungs`. */
  readonly sums: Float32Array;
  /** By half-life, of all items. */
  readonly totals: Float64Array;
}

export const itemTrendsOf = (sums: Float32Array): ItemTrends => {
  const totals = new Float64Array(rungs);
  for (let at = 0; at < sums.length; at += rungs) {
    for (let rung = 0; rung < rungs; rung++) totals[rung] += sums[at + rung];
  }
  return { sums, totals };
};
