/**
 * LiveFollowers: who follows whom in one partition, as the stream has counted it since the model's snapshot.
 *
 * Each event with item b adds `lagMillionths[lag − 1]` to C[a→b], and to the total of a, for each a among the interactions it
 * followed (`domain/Followers.ts`). Counts are integers, so that they do not depend on the order of a sum.
 *
 * Bounded: where an event leaves more than `pairsKept` pairs, all counts and totals are halved (⌊n / 2⌋), pairs below
 * `leastKept` are dropped, and items that nothing follows any more with them; again, while it is still too many. Old habits
 * fade like this, but a total still knows of the followers that were dropped. What is counted is thus a function of the
 * events' sequence alone: not of batches, nor of when it was stored and read again, which leaves all in its order.
 *
 * Takes 32 bytes per pair and as much per item that is followed (`PairTable.ts`): 8 MB of pairs at the bound. What an event
 * takes: `npm run bench -- followers`.
 */
import type { FollowerEvents, FollowerSnapshot } from "../domain/FollowerCounts.ts";
import { followerWindow, lagMillionths } from "../domain/Followers.ts";
import {
  addCount,
  chain,
  firstAt,
  followerAt,
  indexPairs,
  indexSources,
  itemAt,
  lastAt,
  makePairTable,
  type PairTable,
  sourceAt,
  sourceOf,
  stride,
  visitPairs,
} from "./PairTable.ts";

/** Of one partition. */
export const pairsKept = 2 ** 18;
/** Millionths that a pair has to have left when all is halved. */
export const leastKept = 250_000;

/** Changed by `countEvents` alone, in place. */
export interface LiveFollowers extends PairTable {
  readonly bound: number;
  /** How often all was halved. */
  halvings: number;
}

export const makeLiveFollowers = (bound = pairsKept): LiveFollowers => ({
  ...makePairTable(0, 0),
  bound,
  halvings: 0,
});

/** Moves what is left to the front, in its order. */
const halve = (live: LiveFollowers): void => {
  const { pairRecords, pairSlots, sourceRecords, sourceSlots } = live;
  const [pairWords, pairCounts] = [pairRecords.words, pairRecords.doubles];
  const [sourceWords, totals] = [sourceRecords.words, sourceRecords.doubles];
  for (let s = 0; s < live.sources; s++) sourceWords[stride * s + firstAt] = -1;
  let pairs = 0;
  for (let p = 0; p < live.pairs; p++) {
    const count = Math.floor(pairCounts[3 * p + 2] / 2);
    if (count < leastKept) continue;
    pairWords[stride * pairs + sourceAt] = pairWords[stride * p + sourceAt];
    pairWords[stride * pairs + followerAt] = pairWords[stride * p + followerAt];
    pairCounts[3 * pairs + 2] = count;
    sourceWords[stride * pairWords[stride * p + sourceAt] + firstAt] = 0;
    pairs++;
  }
  /** The new number of each source that is left. */
  const numbers = new Int32Array(live.sources);
  let sources = 0;
  for (let s = 0; s < live.sources; s++) {
    if (sourceWords[stride * s + firstAt] < 0) continue;
    numbers[s] = sources;
    sourceWords[stride * sources + itemAt] = sourceWords[stride * s + itemAt];
    totals[3 * sources + 2] = Math.floor(totals[3 * s + 2] / 2);
    sourceWords[stride * sources + firstAt] = -1;
    sourceWords[stride * sources + lastAt] = -1;
    sources++;
  }
  Object.assign(live, { pairs, sources, halvings: live.halvings + 1 });
  for (let p = 0; p < pairs; p++) {
    pairWords[stride * p + sourceAt] = numbers[pairWords[stride * p + sourceAt]];
    chain(live, p);
  }
  sourceSlots.fill(-1);
  pairSlots.fill(-1);
  indexSources(live);
  indexPairs(live);
};

/** Counts the events, in their order. */
export const countEvents = (live: LiveFollowers, events: FollowerEvents): void => {
  for (let at = 0; at < events.length; ) {
    const follower = events[at] | 0;
    const end = at + 2 + events[at + 1];
    at += 2;
    for (let lag = 0; at < end; at++, lag++) {
      const source = sourceOf(live, events[at] | 0);
      live.sourceRecords.doubles[3 * source + 2] += lagMillionths[lag];
      addCount(live, source, follower, lagMillionths[lag], live.bound + followerWindow);
    }
    while (live.pairs > live.bound) halve(live);
  }
};

export const liveFollowersOf = (
  { counts, followers, lengths, sources, totals }: FollowerSnapshot,
  bound = pairsKept,
): LiveFollowers => {
  const live = { ...makePairTable(sources.length, followers.length), bound, halvings: 0 };
  let at = 0;
  for (let s = 0; s < sources.length; s++) {
    const source = sourceOf(live, sources[s] | 0);
    live.sourceRecords.doubles[3 * source + 2] = totals[s];
    for (const end = at + lengths[s]; at < end; at++) addCount(live, source, followers[at] | 0, counts[at]);
  }
  return live;
};

/** A copy. */
export const snapshotOf = (live: LiveFollowers): FollowerSnapshot => {
  const followers = new Uint32Array(live.pairs);
  const counts = new Float64Array(live.pairs);
  const sources = Uint32Array.from({ length: live.sources }, (_, s) => live.sourceRecords.words[stride * s + itemAt]);
  const totals = new Float64Array(live.sources);
  const lengths = new Uint32Array(live.sources);
  let at = 0;
  for (let s = 0; s < live.sources; s++) {
    const from = at;
    totals[s] = visitPairs(live, sources[s], (follower, count) => {
      followers[at] = follower;
      counts[at++] = count;
    });
    lengths[s] = at - from;
  }
  return { sources, totals, lengths, followers, counts };
};
