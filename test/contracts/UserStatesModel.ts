/**
 * Two would-be owners of one slot read and write as they like, each with what it last read; a map and an offset are
 * the model that the store must equal after every step.
 */
import { expect } from "@effect/vitest";
import { Effect, Runtime } from "effect";
import fc from "fast-check";
import type { FollowerEvents, FollowerSnapshot } from "../../src/domain/FollowerCounts.ts";
import { noItems, withItem } from "../../src/domain/ItemSet.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { countEvents, makeLiveFollowers, snapshotOf } from "../../src/learning/LiveFollowers.ts";
import {
  type FollowersWrite,
  type PartitionTrend,
  trendKey,
  type UserStatesService,
} from "../../src/ports/UserStates.ts";
import { packed } from "../support/FollowerEvents.ts";

const users = ["ann", "bob", "cyd"] as const;
const slot = 1;

type Step =
  | { readonly _tag: "Read"; readonly owner: 0 | 1 }
  | {
      readonly _tag: "Write";
      readonly owner: 0 | 1;
      readonly of: ReadonlyArray<(typeof users)[number]>;
      readonly trend: boolean;
      readonly followers: FollowersWrite["_tag"] | undefined;
      readonly next: bigint;
    };

const owner = fc.constantFrom(0 as const, 1 as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ _tag: fc.constant("Read" as const), owner }),
  fc.record({
    _tag: fc.constant("Write" as const),
    owner,
    of: fc.subarray([...users]),
    trend: fc.boolean(),
    followers: fc.constantFrom("append" as const, "append" as const, "replace" as const, undefined),
    next: fc.bigInt({ min: 1n, max: 30n }),
  }),
);

interface View {
  readonly states: ReadonlyArray<UserState | undefined>;
  readonly trend: PartitionTrend | undefined;
  /** As far as it has read them. */
  readonly followers: Followers;
}

/** Of each batch since the snapshot, a number in place of one. */
interface Followers {
  readonly next: bigint | undefined;
  readonly snapshot: number | undefined;
  readonly events: ReadonlyArray<number>;
}

const numbered = (write: number): FollowerEvents => packed([{ item: write, before: [1] }]);
const numberedSnapshot = (write: number): FollowerSnapshot => {
  const live = makeLiveFollowers();
  countEvents(live, numbered(write));
  return snapshotOf(live);
};

const noFollowers: Followers = { next: undefined, snapshot: undefined, events: [] };
const nothing: View = { states: users.map(() => undefined), trend: undefined, followers: noFollowers };

/** Every write leaves an event of its own, so that a lost or a doubled one shows. */
const changed = (state: UserState | undefined, next: bigint, write: number): UserState => ({
  ...(state ?? emptyUserState),
  bought: withItem(state?.bought ?? noItems, write),
  recent: Float64Array.of(...(state?.recent ?? []), write, write, write, write),
  next: new Map(state?.next ?? []).set(slot, next),
});

const followersOf = (tag: FollowersWrite["_tag"] | undefined, write: number): FollowersWrite | undefined => {
  if (tag === undefined) return undefined;
  return tag === "append" ? { _tag: tag, events: numbered(write) } : { _tag: tag, snapshot: numberedSnapshot(write) };
};

/** The number of `numberedSnapshot`. */
const numberIn = ({ followers }: FollowerSnapshot): number => followers[0]!;

const withFollowers = (
  { events, next: before, snapshot }: Followers,
  followers: FollowersWrite["_tag"] | undefined,
  next: bigint,
  write: number,
): Followers => {
  if (followers === undefined) return { events, next: before, snapshot };
  return followers === "append"
    ? { next, snapshot, events: [...events, write] }
    : { next, snapshot: write, events: [] };
};

const run = (states: UserStatesService, model: string, steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const expected = {
      states: [...nothing.states],
      trend: nothing.trend,
      position: undefined as bigint | undefined,
      followers: noFollowers,
    };
    const views: [View, View] = [nothing, nothing];
    for (const [number, step] of steps.entries()) {
      const view = views[step.owner];
      if (step._tag === "Read") {
        const read = yield* states.read(model, users);
        const trend = yield* states.trend(model, slot);
        expect(read).toEqual(expected.states);
        expect(trend).toEqual(expected.trend);
        const before = view.followers;
        const news = yield* states.followers(model, slot, before.next);
        const known = news.snapshot === undefined ? before : { snapshot: numberIn(news.snapshot), events: [] };
        const followers = {
          next: news.next,
          snapshot: known.snapshot,
          events: [...known.events, ...news.events.map(([item]) => item!)],
        };
        expect(followers).toEqual(expected.followers);
        views[step.owner] = { states: read, trend, followers };
        continue;
      }
      const writes = step.of.map((userId) => {
        const state = view.states[users.indexOf(userId)];
        return { userId, expected: state?.next.get(slot), state: changed(state, step.next, number) };
      });
      const trend = step.trend
        ? {
            expected: view.trend?.next,
            trend: {
              next: (view.trend?.next ?? 0n) + step.next,
              asOf: number,
              total: number,
              scores: new Map([[number, number / 3]]),
            },
            followers: followersOf(step.followers, number),
          }
        : undefined;
      const conflicts: Array<string> = [];
      if (trend !== undefined && expected.trend?.next !== trend.expected) {
        conflicts.push(trendKey);
      } else {
        if (trend !== undefined) {
          expected.trend = trend.trend;
          expected.followers = withFollowers(expected.followers, step.followers, trend.trend.next, number);
        }
        for (const write of writes) {
          const at = users.indexOf(write.userId);
          if (expected.states[at]?.next.get(slot) === write.expected) expected.states[at] = write.state;
          else conflicts.push(write.userId);
        }
      }
      if (conflicts.length === 0 && (expected.position === undefined || expected.position < step.next)) {
        expected.position = step.next;
      }
      const answer = yield* states.write(model, { slot, next: step.next, users: writes, trend });
      expect([...answer].sort()).toEqual(conflicts.sort());
      expect(yield* states.position(model, slot)).toBe(expected.position);
    }
    expect(yield* states.read(model, users)).toEqual(expected.states);
    yield* states.drop(model);
  });

export const interleavingsEqualTheModel = (states: UserStatesService, newModel: () => string): Effect.Effect<void> =>
  Effect.flatMap(Effect.runtime<never>(), (runtime) =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) =>
          Runtime.runPromise(runtime)(run(states, newModel(), steps)),
        ),
        { numRuns: 60 },
      ),
    ),
  );
