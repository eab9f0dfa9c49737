import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, TestClock, TestContext } from "effect";
import * as fc from "fast-check";
import { type Followers, noFollowers } from "../../../src/domain/Followers.ts";
import type { FollowerList, FollowersOf } from "../../../src/learning/FollowerLists.ts";
import { countEvents, makeLiveFollowers, snapshotOf } from "../../../src/learning/LiveFollowers.ts";
import { EventLog } from "../../../src/ports/EventLog.ts";
import {
  type FollowersWrite,
  UserStates,
  UserStatesError,
  type UserStatesService,
} from "../../../src/ports/UserStates.ts";
import { makeLiveCounts, mergedKept } from "../../../src/serving/recommend/LiveCounts.ts";
import { makeWaiting } from "../../../src/vitals/Waiting.ts";
import { countNaively, type Followed, followedBy, packed } from "../../support/FollowerEvents.ts";
import { Faults, MemoryStates } from "../../support/MemoryStores.ts";
import { ScriptedLog } from "../../support/ScriptedLog.ts";

const partitions = 3;
const items = 30;

/** Rows are item indices less 1, so that the two are told apart. */
const batchOf = (counts: ReadonlyMap<number, ReadonlyArray<readonly [number, number]>>, totals = 0) => {
  const lists = Array.from({ length: items }, (_, row) => counts.get(row + 1) ?? []);
  let at = 0;
  const followers: Followers = {
    pointers: Uint32Array.of(0, ...lists.map((list) => (at += list.length))),
    items: Uint32Array.from(lists.flatMap((list) => list.map(([item]) => item))),
    counts: Float64Array.from(lists.flatMap((list) => list.map(([, count]) => count))),
    totals: Float64Array.from(lists, (list) => totals + list.reduce((sum, [, count]) => sum + count, 0)),
  };
  return { followers, itemIdx: Uint32Array.from({ length: items }, (_, row) => row + 1) };
};
const nothing = { ...batchOf(new Map()), followers: noFollowers(items) };

/** A store, how often it was asked for which slot since when, and what reads of it. */
const setUp = Effect.gen(function* () {
  const states = new MemoryStates(new Faults());
  states.logs = [{ identity: "scripted", partitions }];
  const asked: Array<string> = [];
  const control = { away: false, damaged: -1 };
  const service: UserStatesService = {
    ...states.service,
    followers: (model, slot, since) =>
      Effect.suspend(() => {
        asked.push(`${slot} ${since}`);
        return control.away || control.damaged === slot
          ? Effect.fail(new UserStatesError({ operation: "followers", message: "the test says so" }))
          : states.service.followers(model, slot, since);
      }),
  };
  const ends = new Map<number, bigint>();
  const write = (slot: number, followers: FollowersWrite) => {
    const expected = ends.get(slot);
    const next = (expected ?? 0n) + 1n;
    ends.set(slot, next);
    const trend = { expected, trend: { next, asOf: 0, total: 0, scores: new Map() }, followers };
    return Effect.map(states.service.write("m", { slot, next, users: [], trend }), (conflicts) =>
      expect(conflicts).toEqual([]),
    );
  };
  const append = (slot: number, ...events: ReadonlyArray<Followed>) =>
    write(slot, { _tag: "append", events: packed(events) });
  const waiting = makeWaiting("api");
  const live = yield* makeLiveCounts(waiting).pipe(
    Effect.provide(
      Layer.merge(Layer.succeed(EventLog, new ScriptedLog(partitions).service), Layer.succeed(UserStates, service)),
    ),
  );
  return { append, asked, control, live, states, waiting, write };
});

/** Of an item by its index, in place of its row. */
const by = (of: FollowersOf) => (item: number) => of(item - 1);
const shown = (list: FollowerList | undefined) => ({
  followers: Array.from(list!.items.subarray(list!.from, list!.to), (item, i) => [item, list!.counts[list!.from + i]]),
  total: list!.total,
});
const later = TestClock.adjust("1001 millis");

describe("LiveCounts", () => {
  it.effect("adds the partitions' counts to the batch's, best first, ties by smaller index", () =>
    Effect.gen(function* () {
      const { append, live } = yield* setUp;
      const batch = batchOf(
        new Map([
          [
            1,
            [
              [9, 2_500_000],
              [4, 2_000_000],
            ],
          ],
        ]),
        7_000_000,
      );
      yield* append(0, { item: 4, before: [1] }, { item: 8, before: [1] });
      yield* append(2, { item: 4, before: [2, 1] }, { item: 7, before: [1] });
      const of = by(yield* live("m", batch));
      expect(shown(of(1))).toEqual({
        followers: [
          [4, 3_800_000],
          [9, 2_500_000],
          [7, 1_000_000],
          [8, 1_000_000],
        ],
        total: 4_500_000 + 7_000_000 + 3_800_000,
      });
      expect(shown(of(2))).toEqual({ followers: [[4, 1_000_000]], total: 8_000_000 });
      expect(shown(of(3))).toEqual({ followers: [], total: 7_000_000 });
    }),
  );

  it("equals a naive sum over all partitions, however the events came", async () => {
    const step = fc.record({
      slot: fc.nat(partitions - 1),
      events: fc.array(followedBy(items), { minLength: 1, maxLength: 5 }),
      snapshot: fc.boolean(),
      look: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), (steps) =>
        Effect.gen(function* () {
          const { append, live, write } = yield* setUp;
          const all = Array.from({ length: partitions }, (): Array<Followed> => []);
          for (const { events, look, slot, snapshot } of steps) {
            all[slot]!.push(...events);
            if (snapshot) {
              const counted = makeLiveFollowers();
              countEvents(counted, packed(all[slot]!));
              yield* write(slot, { _tag: "replace", snapshot: snapshotOf(counted) });
            } else yield* append(slot, ...events);
            if (look) by(yield* live("m", nothing))(3);
            yield* later;
          }
          const of = by(yield* live("m", nothing));
          const { pairs, totals } = countNaively(all.flat());
          for (let item = 1; item <= items; item++) {
            const wanted = [...pairs]
              .filter(([key]) => key.startsWith(`${item} `))
              .map(([key, count]) => [Number(key.split(" ")[1]), count] as const)
              .sort((a, b) => b[1] - a[1] || a[0] - b[0]);
            expect(shown(of(item))).toEqual({ followers: wanted, total: totals.get(item) ?? 0 });
          }
        }).pipe(Effect.provide(TestContext.TestContext), Effect.runPromise),
      ),
      { numRuns: 20 },
    );
  });

  it.effect("keeps the best hundred, and the total of all", () =>
    Effect.gen(function* () {
      const { append, live } = yield* setUp;
      yield* append(0, ...Array.from({ length: 250 }, (_, i) => ({ item: 1000 + i, before: [1] })));
      yield* append(1, { item: 1249, before: [1] });
      const { followers, total } = shown(by(yield* live("m", nothing))(1));
      expect(followers.map(([item]) => item)).toEqual([1249, ...Array.from({ length: 99 }, (_, i) => 1000 + i)]);
      expect(total).toBe(251_000_000);
    }),
  );

  it.effect("asks at most once a second, for what came since, and merges again only what was followed", () =>
    Effect.gen(function* () {
      const { append, asked, live } = yield* setUp;
      yield* append(1, { item: 4, before: [1] }, { item: 5, before: [2] });
      const first = by(yield* live("m", nothing));
      const [one, two] = [first(1), first(2)];
      yield* append(1, { item: 6, before: [1] });
      expect(by(yield* live("m", nothing))(1)).toBe(one);
      expect(asked.sort()).toEqual(["0 undefined", "1 undefined", "2 undefined"]);
      asked.length = 0;
      yield* later;
      const of = by(yield* live("m", nothing));
      expect(shown(of(1)).followers).toEqual([
        [4, 1_000_000],
        [6, 1_000_000],
      ]);
      expect(of(2)).toBe(two);
      expect(asked.sort()).toEqual(["0 undefined", "1 1", "2 undefined"]);
    }),
  );

  it.effect("goes on with what it knew while the store is away, or one partition's counts are damaged", () =>
    Effect.gen(function* () {
      const { append, control, live, waiting } = yield* setUp;
      yield* append(0, { item: 4, before: [1] });
      yield* live("m", nothing);
      yield* append(0, { item: 5, before: [1] });
      control.away = true;
      yield* later;
      expect(shown(by(yield* live("m", nothing))(1)).followers).toEqual([[4, 1_000_000]]);
      expect(waiting.outages()).toMatchObject([{ store: "user states" }]);
      control.away = false;
      control.damaged = 2;
      yield* later;
      expect(shown(by(yield* live("m", nothing))(1)).total).toBe(2_000_000);
      expect(waiting.isAway()).toBe(true);
      control.damaged = -1;
      yield* later;
      yield* live("m", nothing);
      expect(waiting.isAway()).toBe(false);
    }),
  );

  it.effect("takes a batch that was loaded anew", () =>
    Effect.gen(function* () {
      const { append, live } = yield* setUp;
      yield* append(0, { item: 4, before: [1] });
      const batch = batchOf(new Map([[1, [[9, 2_000_000]]]]));
      expect(shown(by(yield* live("m", nothing))(1)).total).toBe(1_000_000);
      expect(shown(by(yield* live("m", batch))(1)).total).toBe(3_000_000);
    }),
  );

  it.effect("keeps no more merged items than it says", () =>
    Effect.gen(function* () {
      const { append, live } = yield* setUp;
      yield* append(0, { item: 4, before: [1] });
      const itemIdx = Uint32Array.from({ length: mergedKept + 1 }, (_, row) => row + 1);
      const of = by(yield* live("m", { followers: noFollowers(itemIdx.length), itemIdx }));
      const one = of(1);
      for (let item = 2; item <= mergedKept; item++) of(item);
      expect(of(1)).toBe(one);
      of(mergedKept + 1);
      expect(of(1)).not.toBe(one);
      expect(of(1)).toEqual(one);
    }),
  );
});
