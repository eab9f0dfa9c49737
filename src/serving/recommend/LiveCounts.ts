/**
 * LiveCounts: who follows whom, as the batch counted it and the stream since, of all partitions together.
 *
 * C[a→b] is the batch's count, where b is among its best of a, plus those of the partitions (`learning/LiveFollowers.ts`); totals
 * likewise, so that P(b|a) has one denominator. Stores are asked at most once a second per model, for what came since. An
 * item is merged when it is first asked for, and again once something new followed it: some microseconds for one that
 * the stream has seen, none for others.
 *
 * Takes 8 MB per partition that is at its bound, less below it; and 1.3 kB per merged item, of which `mergedKept` are kept.
 */
import { Cache, Effect } from "effect";
import { slotsOf } from "../../domain/AppliedLogs.ts";
import type { FollowerEvents } from "../../domain/FollowerCounts.ts";
import { bestFollowers, type Followers, keptFollowers } from "../../domain/Followers.ts";
import { countEvents, type LiveFollowers, liveFollowersOf, makeLiveFollowers } from "../../learning/LiveFollowers.ts";
import { visitPairs } from "../../learning/PairTable.ts";
import { EventLog } from "../../ports/EventLog.ts";
import { type FollowersRead, UserStates } from "../../ports/UserStates.ts";
import { orElse, type Waiting } from "../../vitals/Waiting.ts";

export const mergedKept = 10_000;
/** The one that serves, and the one before it, whose answers are still under way. */
const modelsKept = 2;

export interface ItemFollowers {
  /** Item indices of the best `keptFollowers`: most counted first, ties by smaller index. */
  readonly items: Uint32Array;
  /** C in millionths. */
  readonly counts: Float64Array;
  /** Of all followers, in millionths. */
  readonly total: number;
}

/** What the batch counted for a model. */
export interface BatchCounts {
  readonly followers: Followers;
  readonly rowOfIdx: (itemIdx: number) => number | undefined;
}

/** Valid for the answer it was asked for. */
export type FollowersOf = (itemIdx: number) => ItemFollowers;

/** What a failing store last said still stands. */
export type LiveCounts = (model: string, batch: BatchCounts) => Effect.Effect<FollowersOf>;

interface Slot {
  next: bigint | undefined;
  live: LiveFollowers;
}

/** One model's counts. */
interface Counts {
  readonly slots: Map<number, Slot>;
  readonly merged: Map<number, ItemFollowers>;
  batch: BatchCounts | undefined;
}

const forgetFollowed = (merged: Map<number, ItemFollowers>, events: FollowerEvents): void => {
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

const noItems = new Uint32Array(0);
const noCounts = new Float64Array(0);

const merge = ({ slots }: Counts, { followers, rowOfIdx }: BatchCounts, itemIdx: number): ItemFollowers => {
  const row = rowOfIdx(itemIdx);
  const [from, to] = row === undefined ? [0, 0] : [followers.pointers[row], followers.pointers[row + 1]];
  let total = row === undefined ? 0 : followers.totals[row];
  const live = new Map<number, number>();
  for (const slot of slots.values()) {
    total += visitPairs(slot.live, itemIdx, (follower, count) => {
      live.set(follower, (live.get(follower) ?? 0) + count);
    });
  }
  const [items, counts] =
    from === to ? [noItems, noCounts] : [followers.items.subarray(from, to), followers.counts.subarray(from, to)];
  if (live.size === 0) return { items, counts, total };
  for (let i = 0; i < items.length; i++) live.set(items[i], (live.get(items[i]) ?? 0) + counts[i]);
  return { ...bestFollowers([...live.keys()], [...live.values()], live.size, keptFollowers), total };
};

export const makeLiveCounts = (waiting: Waiting): Effect.Effect<LiveCounts, never, EventLog | UserStates> =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const users = yield* UserStates;
    const models = new Map<string, Counts>();

    const countsOf = (model: string): Counts => {
      const known = models.get(model) ?? { slots: new Map(), merged: new Map(), batch: undefined };
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
        return (itemIdx) => {
          const before = known.merged.get(itemIdx);
          if (before !== undefined) return before;
          const merged = merge(known, batch, itemIdx);
          if (known.merged.size >= mergedKept) known.merged.clear();
          known.merged.set(itemIdx, merged);
          return merged;
        };
      });
  });
