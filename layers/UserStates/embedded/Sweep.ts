/**
 * Sweep: forgets visitors who bought nothing and were not seen for long, so that a model's states do not grow without an end.
 *
 * What events made of a user is removed; one that the model was loaded with is then as it was loaded. How long a user was
 * not seen is counted up to the arrival of the newest event of the same slot, not by the clock: a model that catches up
 * forgets nobody who is about to come back. Nobody is forgotten within a day, for which retries are told apart.
 *
 * Exactly once holds, although the user's offsets go, too. A user is kept while one of them is not below its slot's position,
 * that is, while an event may still be on its way to be applied. The slot's floor is its position when somebody was
 * forgotten last: whoever wants to write a user anew by a batch that ends below it has read it long ago, and meets a conflict.
 */
import { Duration, Effect, Schedule } from "effect";
import { recentSize } from "../../../src/domain/RecentEvents.ts";
import { unpackShown } from "../../../src/domain/ShownItems.ts";
import type { UserState } from "../../../src/domain/UserState.ts";
import { decodeUserState } from "../../../src/domain/UserStateCodec.ts";
import type { StoreService } from "../../engines/lmdb/Store.ts";
import type { StoreError } from "../../engines/lmdb/StoreError.ts";
import type { Generations } from "./Generations.ts";
import { floorKey, positionKey, userRanges } from "./Keys.ts";
import { decodeOffset, encodeOffset } from "./Offsets.ts";

export interface SweepLimits {
  /** Seconds; 0: no limit. */
  readonly age: number;
  /** Users whom events changed, per model; 0: no limit. */
  readonly count: number;
}

/** Seconds: longer than an event is remembered (`learning/Recent.ts`). */
const leastAge = 90_000;

/** States looked at, or removed, at a time: a few milliseconds of the event loop. */
const slice = 500;
const pause = "5 millis";

/** What of a state decides. */
interface Visitor {
  /** Unix seconds. */
  readonly seen: number;
  readonly next: UserState["next"];
  readonly lasts: boolean;
}

const arrivalAt = 1;

/** When the last event arrived; where none is remembered, when the newest of the history happened. What was shown is told by its time. */
const lastSeen = ({ interactions, recent, shown }: UserState): number => {
  let seen = recent.length === 0 ? (interactions.at(-1)?.time ?? 0) : 0;
  for (const { last } of unpackShown(shown)) seen = Math.max(seen, last);
  for (let at = arrivalAt; at < recent.length; at += recentSize) seen = Math.max(seen, recent[at]!);
  return seen;
};

const visitorOf = (bytes: Uint8Array): Visitor | undefined => {
  const state = decodeUserState(bytes);
  return state && { seen: lastSeen(state), next: state.next, lasts: state.bought.length + state.hidden.length > 0 };
};

/** Sweeps one generation; answers how many users it forgot. */
export const sweepGeneration = (
  { read, tables: { states }, write }: StoreService,
  generation: number,
  { age, count }: SweepLimits,
): Effect.Effect<number, StoreError> =>
  Effect.gen(function* () {
    /** Shows every user's state, slice by slice, with what is done about those that `visit` chooses between two slices. */
    const each = (
      visit: (visitor: Visitor) => boolean,
      chosen: (keys: ReadonlyArray<Uint8Array>) => Effect.Effect<void, StoreError>,
    ) =>
      Effect.forEach(
        userRanges(generation),
        ({ end, start }) =>
          Effect.iterate<Buffer | undefined, never, StoreError>(start, {
            while: (from) => from !== undefined,
            body: (from) =>
              Effect.gen(function* () {
                const { keys, last } = yield* read(() => {
                  const entries = Array.from(states.getRange({ start: from!, end, limit: slice }));
                  const keys = entries.filter(({ value }) => {
                    const visitor = visitorOf(value);
                    return visitor !== undefined && visit(visitor);
                  });
                  const last = entries.length < slice ? undefined : entries.at(-1)?.key;
                  return { keys: keys.map(({ key }) => key), last };
                });
                if (keys.length > 0) yield* chosen(keys);
                yield* Effect.sleep(pause);
                // The first key after it.
                return last === undefined ? undefined : Buffer.concat([last, Buffer.alloc(1)]);
              }),
          }),
        { discard: true },
      );

    /** By slot, when its newest event arrived. */
    const newest = new Map<number, number>();
    /** Of a visitor's slots the one that has come least far counts. */
    const unseen = ({ next, seen }: Visitor): number => {
      let least = Number.POSITIVE_INFINITY;
      for (const slot of next.keys()) least = Math.min(least, (newest.get(slot) ?? 0) - seen);
      return Number.isFinite(least) ? least : 0;
    };
    let users = 0;
    yield* each(
      ({ next, seen }) => {
        users++;
        for (const slot of next.keys()) newest.set(slot, Math.max(newest.get(slot) ?? 0, seen));
        return false;
      },
      () => Effect.void,
    );

    const excess = count === 0 ? 0 : users - count;
    const ages: Array<number> = [];
    if (excess > 0) {
      yield* each(
        (visitor) => {
          if (!visitor.lasts) ages.push(unseen(visitor));
          return false;
        },
        () => Effect.void,
      );
      ages.sort((a, b) => b - a);
    }
    /** Those unseen for this long are too many; of those unseen for just this long, `ties`. */
    const longest = ages[Math.min(excess, ages.length) - 1] ?? Number.POSITIVE_INFINITY;
    let ties = excess - ages.indexOf(longest);

    const isDoomed = (visitor: Visitor): boolean => {
      const unseenFor = unseen(visitor);
      if (visitor.lasts || unseenFor < leastAge) return false;
      return (age > 0 && unseenFor >= age) || unseenFor > longest || (unseenFor === longest && ties-- > 0);
    };

    const positionOf = (slot: number): bigint => {
      const stored = states.get(positionKey(generation, slot));
      return stored === undefined ? 0n : decodeOffset(stored);
    };
    let forgotten = 0;
    const forget = (keys: ReadonlyArray<Uint8Array>) => () => {
      let count = 0;
      for (const key of keys) {
        const stored = states.get(key);
        const visitor = stored === undefined ? undefined : visitorOf(stored);
        // Seen again meanwhile, or with an event that may still be delivered again.
        if (visitor === undefined || visitor.lasts || unseen(visitor) < leastAge) continue;
        const positions = [...visitor.next].map(([slot, next]) => ({
          slot,
          next,
          position: positionOf(slot),
        }));
        if (positions.some(({ next, position }) => next > position)) continue;
        for (const { position, slot } of positions) {
          states.put(floorKey(generation, slot), encodeOffset(position));
        }
        states.remove(key);
        count++;
      }
      return count;
    };
    yield* each(isDoomed, (keys) =>
      Effect.map(write(forget(keys)), (count) => {
        forgotten += count;
      }),
    );
    return forgotten;
  });

/** Sweeps every model now and then. Never ends; stopped by its owner's scope. */
export const keepSweeping = (
  store: StoreService,
  generations: Generations,
  limits: SweepLimits,
): Effect.Effect<never> =>
  store.read(generations.all).pipe(
    Effect.flatMap((all) => Effect.forEach(all, (generation) => sweepGeneration(store, generation, limits))),
    Effect.tap((counts) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return total > 0
        ? Effect.logInfo(`Forgot ${total} visitors who bought nothing and were not seen for long`)
        : Effect.void;
    }),
    Effect.catchAll((error) => Effect.logWarning(`Forgetting visitors failed: ${error.message}`)),
    Effect.delay(Duration.minutes(10)),
    Effect.schedule(Schedule.jittered(Schedule.spaced(Duration.hours(6)))),
    Effect.zipRight(Effect.never),
  );
