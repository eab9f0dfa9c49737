/**
 * StoredCounts: how a partition's counts of followers are kept in the store.
 *
 * A batch's events are appended, a few words each. When those that are stored outgrow the snapshot, all is added up, this
 * batch's too, and replaces it: so each event is written at most about three times, and what a reader begins with is bounded.
 * Nothing is held in memory in between. It is read after the trend was, whose guard the write stands under: what another
 * wrote meanwhile makes a conflict of it.
 */
import { Effect } from "effect";
import { type FollowerEvents, snapshotBytes } from "../domain/FollowerCounts.ts";
import { countEvents, liveFollowersOf, makeLiveFollowers, snapshotOf } from "../learning/LiveFollowers.ts";
import type { FollowersRead, FollowersWrite, UserStatesError, UserStatesService } from "../ports/UserStates.ts";

/** Bytes of events that are stored before anything is added up. */
export const leastJournal = 2 ** 18;

export interface StoredCounts {
  /** What is to be written for a batch's events; undefined where there are none. */
  readonly toWrite: (events: FollowerEvents) => Effect.Effect<FollowersWrite | undefined, UserStatesError>;
  /** Told once it is written. */
  readonly written: (write: FollowersWrite | undefined) => void;
}

const sizeOf = ({ events, snapshot }: FollowersRead) => ({
  journal: events.reduce((sum, { byteLength }) => sum + byteLength, 0),
  snapshot: snapshot === undefined ? 0 : snapshotBytes(snapshot),
});

/** Batches between which others have their turn: some milliseconds. */
const batchesAtOnce = 8;

export const openCounts = (
  states: UserStatesService,
  model: string,
  slot: number,
  least = leastJournal,
): Effect.Effect<StoredCounts, UserStatesError> =>
  Effect.gen(function* () {
    let size = sizeOf(yield* states.followers(model, slot, undefined));

    const added = (events: FollowerEvents) =>
      Effect.gen(function* () {
        const stored = yield* states.followers(model, slot, undefined);
        const live = stored.snapshot === undefined ? makeLiveFollowers() : liveFollowersOf(stored.snapshot);
        for (const [i, before] of stored.events.entries()) {
          countEvents(live, before);
          if (i % batchesAtOnce === batchesAtOnce - 1) yield* Effect.yieldNow();
        }
        countEvents(live, events);
        return { _tag: "replace" as const, snapshot: snapshotOf(live) };
      });

    return {
      toWrite: (events) => {
        if (events.length === 0) return Effect.succeed(undefined);
        const outgrown = size.journal + events.byteLength > Math.max(size.snapshot, least);
        return outgrown ? added(events) : Effect.succeed({ _tag: "append", events });
      },
      written: (write) => {
        if (write?._tag === "append") size = { ...size, journal: size.journal + write.events.byteLength };
        else if (write !== undefined) size = { journal: 0, snapshot: snapshotBytes(write.snapshot) };
      },
    };
  });
