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
 * Takes 28 bytes per pair and 28 per item that is followed, and at most half as much again where there was no room left: 7.3 MB
 * of pairs at the bound. An event with all its 20 predecessors takes about a microsecond (`npm run bench -- followers`).
 */
import type { FollowerEvents, FollowerSnapshot } from "../domain/FollowerCounts.ts";
import { followerWindow, lagMillionths } from "../domain/Followers.ts";

/** Of one partition. */
export const pairsKept = 2 ** 18;
/** Millionths that a pair has to have left when all is halved. */
export const leastKept = 250_000;

/** Changed by `countEvents` alone, in place. */
export interface LiveFollowers {
  readonly bound: number;
  /** How often all was halved. */
  halvings: number;
  /** Sources, in the order in which they were first counted; a source's followers are a chain of pairs, from `first` to `last`. */
  sources: number;
  item: Uint32Array;
  total: Float64Array;
  first: Int32Array;
  last: Int32Array;
  pairs: number;
  source: Int32Array;
  follower: Uint32Array;
  count: Float64Array;
  /** The chain's next pair; -1 at its end. */
  after: Int32Array;
  /** Open addressing, by linear probing: number of a source or pair; -1 for none. */
  sourceSlots: Int32Array;
  pairSlots: Int32Array;
}

const leastRoom = 16;

/** A power of two, a third of it free. */
const slotsFor = (room: number): Int32Array => new Int32Array(2 ** Math.ceil(Math.log2(1.5 * room))).fill(-1);

const withRoom = (bound: number, sources: number, pairs: number): LiveFollowers => ({
  bound,
  halvings: 0,
  sources: 0,
  item: new Uint32Array(sources),
  total: new Float64Array(sources),
  first: new Int32Array(sources),
  last: new Int32Array(sources),
  pairs: 0,
  source: new Int32Array(pairs),
  follower: new Uint32Array(pairs),
  count: new Float64Array(pairs),
  after: new Int32Array(pairs),
  sourceSlots: slotsFor(sources),
  pairSlots: slotsFor(pairs),
});

export const makeLiveFollowers = (bound = pairsKept): LiveFollowers => withRoom(bound, leastRoom, leastRoom);

const mixed = (a: number, b: number): number => {
  const h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  const k = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return k ^ (k >>> 13);
};

/** Where the source stands, or would stand, among the slots. */
const sourceSlot = ({ item, sourceSlots }: LiveFollowers, wanted: number): number => {
  const mask = sourceSlots.length - 1;
  let at = mixed(wanted, 0) & mask;
  for (let s = sourceSlots[at]; s >= 0 && item[s] !== wanted; s = sourceSlots[at]) at = (at + 1) & mask;
  return at;
};

const pairSlot = ({ follower, pairSlots, source }: LiveFollowers, ofSource: number, wanted: number): number => {
  const mask = pairSlots.length - 1;
  let at = mixed(wanted, ofSource + 1) & mask;
  for (let p = pairSlots[at]; p >= 0 && (follower[p] !== wanted || source[p] !== ofSource); p = pairSlots[at])
    at = (at + 1) & mask;
  return at;
};

const longer = <A extends Uint32Array | Int32Array | Float64Array>(array: A, room: number): A => {
  const copy = new (array.constructor as new (length: number) => A)(room);
  copy.set(array);
  return copy;
};

const growSources = (live: LiveFollowers): void => {
  const room = 2 * live.item.length;
  live.item = longer(live.item, room);
  live.total = longer(live.total, room);
  live.first = longer(live.first, room);
  live.last = longer(live.last, room);
  live.sourceSlots = slotsFor(room);
  for (let s = 0; s < live.sources; s++) live.sourceSlots[sourceSlot(live, live.item[s])] = s;
};

const growPairs = (live: LiveFollowers): void => {
  const room = Math.max(live.pairs + 1, Math.min(2 * live.pairs, live.bound + followerWindow));
  live.source = longer(live.source, room);
  live.follower = longer(live.follower, room);
  live.count = longer(live.count, room);
  live.after = longer(live.after, room);
  live.pairSlots = slotsFor(room);
  for (let p = 0; p < live.pairs; p++) live.pairSlots[pairSlot(live, live.source[p], live.follower[p])] = p;
};

/** The source's number; it is made where it is new. */
const sourceOf = (live: LiveFollowers, item: number): number => {
  let slot = sourceSlot(live, item);
  const found = live.sourceSlots[slot];
  if (found >= 0) return found;
  if (live.sources === live.item.length) {
    growSources(live);
    slot = sourceSlot(live, item);
  }
  const s = live.sources++;
  live.item[s] = item;
  live.total[s] = 0;
  live.first[s] = -1;
  live.last[s] = -1;
  live.sourceSlots[slot] = s;
  return s;
};

const addCount = (live: LiveFollowers, source: number, follower: number, count: number): void => {
  let slot = pairSlot(live, source, follower);
  const found = live.pairSlots[slot];
  if (found >= 0) {
    live.count[found] += count;
    return;
  }
  if (live.pairs === live.follower.length) {
    growPairs(live);
    slot = pairSlot(live, source, follower);
  }
  const p = live.pairs++;
  live.source[p] = source;
  live.follower[p] = follower;
  live.count[p] = count;
  live.after[p] = -1;
  live.pairSlots[slot] = p;
  if (live.last[source] < 0) live.first[source] = p;
  else live.after[live.last[source]] = p;
  live.last[source] = p;
};

const halve = (live: LiveFollowers): void => {
  const halved = withRoom(live.bound, live.item.length, live.follower.length);
  for (let s = 0; s < live.sources; s++) {
    let kept = -1;
    for (let p = live.first[s]; p >= 0; p = live.after[p]) {
      const count = Math.floor(live.count[p] / 2);
      if (count < leastKept) continue;
      if (kept < 0) {
        kept = sourceOf(halved, live.item[s]);
        halved.total[kept] = Math.floor(live.total[s] / 2);
      }
      addCount(halved, kept, live.follower[p], count);
    }
  }
  Object.assign(live, halved, { halvings: live.halvings + 1 });
};

/** Counts the events, in their order. */
export const countEvents = (live: LiveFollowers, events: FollowerEvents): void => {
  for (let at = 0; at < events.length; ) {
    const follower = events[at];
    const end = at + 2 + events[at + 1];
    at += 2;
    for (let lag = 0; at < end; at++, lag++) {
      const source = sourceOf(live, events[at]);
      live.total[source] += lagMillionths[lag];
      addCount(live, source, follower, lagMillionths[lag]);
    }
    while (live.pairs > live.bound) halve(live);
  }
};

export const liveFollowersOf = (
  { counts, followers, lengths, sources, totals }: FollowerSnapshot,
  bound = pairsKept,
): LiveFollowers => {
  const live = withRoom(bound, Math.max(leastRoom, sources.length), Math.max(leastRoom, followers.length));
  let at = 0;
  for (let s = 0; s < sources.length; s++) {
    const source = sourceOf(live, sources[s]);
    live.total[source] = totals[s];
    for (const end = at + lengths[s]; at < end; at++) addCount(live, source, followers[at], counts[at]);
  }
  return live;
};

/** A copy. */
export const snapshotOf = (live: LiveFollowers): FollowerSnapshot => {
  const lengths = new Uint32Array(live.sources);
  const followers = new Uint32Array(live.pairs);
  const counts = new Float64Array(live.pairs);
  let at = 0;
  for (let s = 0; s < live.sources; s++) {
    const from = at;
    for (let p = live.first[s]; p >= 0; p = live.after[p], at++) {
      followers[at] = live.follower[p];
      counts[at] = live.count[p];
    }
    lengths[s] = at - from;
  }
  const [sources, totals] = [live.item.slice(0, live.sources), live.total.slice(0, live.sources)];
  return { sources, totals, lengths, followers, counts };
};

/** Shows each follower of the item; answers the item's total, 0 where nothing followed it. */
export const visitFollowers = (
  live: LiveFollowers,
  item: number,
  visit: (follower: number, count: number) => void,
): number => {
  const s = live.sourceSlots[sourceSlot(live, item)];
  if (s < 0) return 0;
  for (let p = live.first[s]; p >= 0; p = live.after[p]) visit(live.follower[p], live.count[p]);
  return live.total[s];
};
