/** MergeLadders: what is popular by any half-life, of what the batch counted and all partitions since (`TrendLadder.ts`). */
import { rungs, type TrendLadder } from "../domain/TrendLadder.ts";
import type { PartitionTrend } from "../ports/UserStates.ts";
import type { Popularity } from "./BlendSearch.ts";
import { afterSilence, fadeBetween } from "./Popularity.ts";
import { halfLifeOfRung, mixtureOf } from "./TrendLadder.ts";

/** What a batch counted for a model. */
export interface BatchLadder {
  /** By item index × `rungs`. */
  readonly sums: Float32Array;
  /** By half-life. */
  readonly totals: Float64Array;
  /** Unix seconds. */
  readonly asOf: number;
  /** The model's own half-life, in seconds: as long counts a silence between the batch's events and the stream's, at most. */
  readonly halfLife: number;
}

const hasLadder = (trend: PartitionTrend): trend is PartitionTrend & { readonly ladder: TrendLadder } =>
  trend.ladder !== undefined;

/**
 * By the half-life `asked`, in seconds, as of the newest event; undefined where a partition's ladder is not of all its events.
 * `itemIdx`: by row of the catalogue.
 */
export const mergeLadders = (
  batch: BatchLadder,
  trends: ReadonlyArray<PartitionTrend>,
  itemIdx: ArrayLike<number>,
  rowOfIdx: (itemIdx: number) => number | undefined,
  asked: number,
): Popularity | undefined => {
  const live = trends.filter(({ total }) => total > 0);
  const ladders = live.filter(hasLadder);
  if (ladders.length < live.length) return undefined;
  const newest = ladders.reduce((time, { ladder }) => Math.max(time, ladder.newest), batch.asOf);
  const first = live.reduce((time, { asOf }) => Math.min(time, asOf), newest);
  const asOf = afterSilence(batch.asOf, batch.asOf, first, batch.halfLife);
  const scores = new Float64Array(itemIdx.length);
  let total = 0;
  for (const { part, rung } of mixtureOf(asked)) {
    const halfLife = halfLifeOfRung(rung);
    const before = part * fadeBetween(asOf, newest, halfLife);
    total += batch.totals[rung] * before;
    for (let row = 0; row < scores.length; row++) {
      scores[row] += (batch.sums[itemIdx[row] * rungs + rung] ?? 0) * before;
    }
    for (const { ladder } of ladders) {
      const since = part * fadeBetween(ladder.asOf, newest, halfLife);
      total += ladder.totals[rung] * since;
      ladder.items.forEach((item, place) => {
        const row = rowOfIdx(item);
        if (row !== undefined) scores[row] += ladder.sums[place * rungs + rung] * since;
      });
    }
  }
  const most = scores.reduce((best, score) => Math.max(best, score), 0);
  return { scores, total, most };
};
