/** Scores: what a replay's ranks are worth, over all its events or some of them, with 95 % intervals over shoppers. */
import { clusteredMean } from "./Clustered.ts";
import { hit, ndcgOfOne } from "./Metrics.ts";
import type { Replayed } from "./Replay.ts";
import type { Estimate } from "./Report.ts";

/** The mean of `value` over the events that `takes` holds of; over all without it. */
export const meanOver = (
  { events, shopperOf, shoppers }: Replayed,
  value: (event: number) => number,
  takes?: (event: number) => boolean,
): Estimate => {
  if (takes === undefined) return clusteredMean(events, shopperOf, shoppers, value);
  const taken: Array<number> = [];
  for (let event = 0; event < events; event++) if (takes(event)) taken.push(event);
  const their = Uint32Array.from(taken, (event) => shopperOf[event]);
  return clusteredMean(taken.length, their, shoppers, (i) => value(taken[i]));
};

/** Of the contestant at that place. */
export const hitRate = (replayed: Replayed, contestant: number, k: number, takes?: (event: number) => boolean) =>
  meanOver(replayed, (event) => hit(replayed.ranks[contestant][event], k), takes);

export const meanNdcg = (replayed: Replayed, contestant: number, k: number, takes?: (event: number) => boolean) =>
  meanOver(replayed, (event) => ndcgOfOne(replayed.ranks[contestant][event], k), takes);

/** How much more NDCG@k `contestant` has than `other` at the same events: the paired difference. */
export const ndcgGain = (
  { ranks, ...replayed }: Replayed,
  contestant: number,
  other: number,
  k: number,
  takes?: (event: number) => boolean,
): Estimate =>
  meanOver(
    { ranks, ...replayed },
    (event) => ndcgOfOne(ranks[contestant][event], k) - ndcgOfOne(ranks[other][event], k),
    takes,
  );
