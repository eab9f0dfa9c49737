/**
 * LiveCounts: who follows whom, as the batch counted it and the stream since, of all partitions together.
 *
 * C[a→b] is the batch's count, where b is among its best of a, plus those of the partitions (`learning/LiveFollowers.ts`); totals
 * likewise, so that P(b|a) has one denominator. Stores are asked at most once a second per model, for what came since. An
 * item is merged when it is first asked for, and again once something new followed it: some 30 microseconds for
 * one that a hundred others have followed in the stream, next to none for one that the stream has not seen.
 *
 * Takes 8 MB per partition that is at its bound, less below it; and 1.6 kB per merged item, of which `mergedKept` are kept. The blend's
 * kernel has copies of the last that it added up, and holds on to those lists (`learning/BlendScore.ts`): the same list, the same object.
 */
import { Cache, Effect } from "effect";
import { slotsOf } from "../../domain/AppliedLogs.ts";
import type { FollowerEvents } from "../../domain/FollowerCounts.ts";
import { bestFollowers, type Followers, keptFollowers } from "../../domain/Followers.ts";
import { makeNumberCache, type NumberCache } from "../../kernels/NumberCache.ts";
import { type FollowerList, type FollowersOf, rootsOf } from "../../learning/FollowerLists.ts";
import { makeItemSums } from "../../learning/ItemSums.ts";
import { countEvents, type LiveFollowers, liveFollowersOf, makeLiveFollowers } from "../../learning/LiveFollowers.ts";
import { visitPairs } from "../../learning/PairTable.ts";
import { EventLog } from "../../ports/EventLog.ts";
import { type FollowersRead, UserStates } from "../../ports/UserStates.ts";
import { orElse, type Waiting } from "../../vitals/Waiting.ts";

export const mergedKept = 10_000;
/** The one that serves, and the one before it, whose answers are still under way. */
const modelsKept = 2;

/** What the batch counted for a model, whose catalogue it is of. */
export interface BatchCounts {
  readonly followers: Followers;
  /** By row. */
  readonly itemIdx: Uint32Array;
}

/**
 * The best `keptFollowers` of each row, most counted first, ties by smaller index: for the answer that asked. What a
 * failing store last said still stands.
 */
export type LiveCounts = (model: string, batch: BatchCounts) => Effect.Effect<FollowersOf>;

interface Slot {
  next: bigint | undefined;
  live: LiveFollowers;
}

/** One model's counts. */
interface Counts {
  readonly slots: Map<number, Slot>;
  /** By item index. */
  readonly merged: NumberCache<FollowerList>;
  batch: BatchCounts | undefined;
}

const forgetFollowed = (merged: NumberCache<FollowerList>, events: FollowerEvents): void => {
  for (let at = 0; at < events.length; ) {
    const end = at + 2 + events[at + 1];
    for (at += 2; at < end; at++) merged.delete(events[at]);
  }
};

/** Takes in what was read of a slot. */
const take = ({ merged, slots }: Counts, number: number, { events, next, snapshot }: FollowersRead): void => {
  const slot = slots.get(number) ?? { next: undefined, live: makeLiveFollowers() };
  slots.set(number, slot);
  if (snapshot !== undefined) {
    slot.live = liveFollowersOf(snapshot);
    merged.clear();
  }
  const { halvings } = slot.live;
  for (const batch of events) {
    countEvents(slot.live, batch);
    forgetFollowed(merged, batch);
  }
  if (slot.live.halvings !== halvings) merged.clear();
  slot.next = next;
};

const makeMerge = () => {
  const sums = makeItemSums();
  let [items, counts] = [new Uint32Array(256), new Float64Array(256)];
  return ({ slots }: Counts, { followers, itemIdx }: BatchCounts, row: number): FollowerList => {
    const from = followers.pointers[row];
    const to = followers.pointers[row + 1];
    let total = followers.totals[row];
    sums.clear();
    // First, since they are in order already.
    for (let at = from; at < to; at++) sums.add(followers.items[at], followers.counts[at]);
    let live = false;
    for (const slot of slots.values()) {
      const more = visitPairs(slot.live, itemIdx[row], sums.add);
      live ||= more > 0;
      total += more;
    }
    if (!live) {
      const own = followers.counts.subarray(from, to);
      return {
        items: followers.items.subarray(from, to),
        counts: own,
        roots: rootsOf(own, total),
        from: 0,
        to: to - from,
        total,
      };
    }
    const size = sums.size();
    if (size > items.length) [items, counts] = [new Uint32Array(2 * size), new Float64Array(2 * size)];
    for (let place = 0; place < size; place++) {
      items[place] = sums.itemAt(place);
      counts[place] = sums.of(items[place]);
    }
    const best = bestFollowers(items, counts, size, keptFollowers);
    return { ...best, roots: rootsOf(best.counts, total), from: 0, to: best.items.length, total };
  };
};

export const makeLiveCounts = (waiting: Waiting): Effect.Effect<LiveCounts, never, EventLog | UserStates> =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const users = yield* UserStates;
    const models = new Map<string, Counts>();
    const merge = makeMerge();

    const countsOf = (model: string): Counts => {
      const known = models.get(model) ?? { slots: new Map(), merged: makeNumberCache(mergedKept), batch: undefined };
      // The newest stands last.
      models.delete(model);
      models.set(model, known);
      for (const old of models.keys()) {
        if (models.size <= modelsKept) break;
        models.delete(old);
      }
      return known;
    };

    const read = (model: string) =>
      Effect.gen(function* () {
        const known = countsOf(model);
        const logs = (yield* users.logs(model)) ?? [{ identity: "", partitions: yield* log.partitions }];
        // A slot that fails keeps no other from being read.
        const [failures] = yield* Effect.partition(
          slotsOf(logs),
          (slot) =>
            Effect.map(users.followers(model, slot, known.slots.get(slot)?.next), (found) => take(known, slot, found)),
          { concurrency: 16 },
        );
        if (failures[0] !== undefined) return yield* failures[0];
      });

    const refreshed = yield* Cache.make({
      capacity: modelsKept,
      timeToLive: "1 second",
      lookup: (model: string) => orElse(waiting, "followers", read(model), undefined),
    });

    return (model, batch) =>
      Effect.map(refreshed.get(model), () => {
        const known = countsOf(model);
        if (known.batch?.followers !== batch.followers) known.merged.clear();
        known.batch = batch;
        return (row) => {
          const item = batch.itemIdx[row];
          const before = known.merged.get(item);
          if (before !== undefined) return before;
          const merged = merge(known, batch, row);
          known.merged.set(item, merged);
          return merged;
        };
      });
  });
