/**
 * FollowerCounts: who follows whom in the train part, as the batch counts it, and counted on from each event of the test part,
 * as the stream does (`domain/Followers.ts`). Items are rows of the train part's catalogue, here as in the contestants.
 */
import { bestFollowers, type Followers, followerWindow, lagMillionths } from "../domain/Followers.ts";
import type { Interaction } from "../domain/UserState.ts";
import { type FollowerList, type FollowersOf, rootsOf } from "../learning/FollowerLists.ts";
import type { InteractionLog } from "./InteractionLog.ts";
import { groupByUser, type TrainingSet } from "./TrainingSet.ts";

/** Of one shopper, the newest are counted, as in the batch: a robot's million clicks count little. */
const countedPerUser = 1000;

/** Takes 12 bytes per train interaction while it counts, and the result: item by item, over all its places in histories. */
export const countFollowers = (log: InteractionLog, train: Uint32Array, set: TrainingSet): Followers => {
  const { items, userCounts, users } = set;
  const byUser = groupByUser(log, train, userCounts);
  const rows = Uint32Array.from(byUser, (at) => set.rowOf[log.item[at]]);
  /** By place in `rows`: where its shopper's history ends. */
  const ends = new Uint32Array(rows.length);
  const starts = new Uint32Array(items + 1);
  for (let user = 0, from = 0; user < users; from += userCounts[user++]) {
    const end = from + userCounts[user];
    ends.fill(end, from, end);
    for (let at = Math.max(from, end - countedPerUser); at < end; at++) starts[rows[at] + 1]++;
  }
  for (let row = 0; row < items; row++) starts[row + 1] += starts[row];
  const places = new Uint32Array(starts[items]);
  const next = starts.slice(0, items);
  for (let at = 0; at < rows.length; at++) if (ends[at] - at <= countedPerUser) places[next[rows[at]]++] = at;

  const counts = new Float64Array(items);
  const found = new Uint32Array(items);
  const pointers = new Uint32Array(items + 1);
  const totals = new Float64Array(items);
  const lists: Array<ReturnType<typeof bestFollowers>> = [];
  for (let row = 0; row < items; row++) {
    let size = 0;
    for (let i = starts[row]; i < starts[row + 1]; i++) {
      const place = places[i];
      const most = Math.min(followerWindow, ends[place] - 1 - place);
      for (let lag = 1; lag <= most; lag++) {
        const follower = rows[place + lag];
        if (counts[follower] === 0) found[size++] = follower;
        counts[follower] += lagMillionths[lag - 1];
        totals[row] += lagMillionths[lag - 1];
      }
    }
    const sums = Float64Array.from({ length: size }, (_, i) => counts[found[i]]);
    lists.push(bestFollowers(found, sums, size));
    pointers[row + 1] = pointers[row] + lists[row].items.length;
    for (let i = 0; i < size; i++) counts[found[i]] = 0;
  }
  const followers = {
    pointers,
    items: new Uint32Array(pointers[items]),
    counts: new Float64Array(pointers[items]),
    totals,
  };
  lists.forEach((list, row) => {
    followers.items.set(list.items, pointers[row]);
    followers.counts.set(list.counts, pointers[row]);
  });
  return followers;
};

/** One item's list, which grows. */
interface Growing {
  items: Uint32Array;
  counts: Float64Array;
  to: number;
  total: number;
  readonly places: Map<number, number>;
  /** Its best, as serving keeps them; undefined since the last addition. */
  best: FollowerList | undefined;
}

const bestOf = ({ counts, items, to, total }: Growing): FollowerList => {
  const best = bestFollowers(items, counts, to);
  return { ...best, roots: rootsOf(best.counts, total), from: 0, to: best.items.length, total };
};

export interface CountedOn {
  readonly followersOf: FollowersOf;
  /** Counts the newest of `interactions` (oldest first) for those it followed. */
  readonly count: (interactions: ReadonlyArray<Interaction>) => void;
}

/** Goes on from `before`, which it leaves as it is. */
export const countOn = (before: FollowersOf): CountedOn => {
  const grown = new Map<number, Growing>();
  const growing = (row: number): Growing => {
    const known = grown.get(row);
    if (known !== undefined) return known;
    const list: FollowerList | undefined = before(row);
    const made: Growing = {
      items: list?.items.slice(list.from, list.to) ?? new Uint32Array(0),
      counts: list?.counts.slice(list.from, list.to) ?? new Float64Array(0),
      to: list === undefined ? 0 : list.to - list.from,
      total: list?.total ?? 0,
      places: new Map(),
      best: undefined,
    };
    made.items.forEach((item, place) => {
      made.places.set(item, place);
    });
    grown.set(row, made);
    return made;
  };
  const add = (row: number, follower: number, millionths: number): void => {
    const list = growing(row);
    list.total += millionths;
    list.best = undefined;
    const place = list.places.get(follower);
    if (place !== undefined) {
      list.counts[place] += millionths;
      return;
    }
    if (list.to === list.items.length) {
      const room = 2 * list.to + 8;
      const [items, counts] = [new Uint32Array(room), new Float64Array(room)];
      items.set(list.items);
      counts.set(list.counts);
      Object.assign(list, { items, counts });
    }
    list.items[list.to] = follower;
    list.counts[list.to] = millionths;
    list.places.set(follower, list.to++);
  };
  return {
    followersOf: (row) => {
      const list = grown.get(row);
      if (list === undefined) return before(row);
      list.best ??= bestOf(list);
      return list.best;
    },
    count: (interactions) => {
      const newest = interactions.length - 1;
      const most = Math.min(followerWindow, newest);
      for (let lag = 1; lag <= most; lag++) {
        add(interactions[newest - lag].itemIdx, interactions[newest].itemIdx, lagMillionths[lag - 1]);
      }
    },
  };
};
