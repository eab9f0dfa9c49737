/** What every UserStates promises. Each test has models of its own. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Exit, type Layer, Stream } from "effect";
import { type AppliedLog, slotOf } from "../../src/domain/AppliedLogs.ts";
import type { FollowerEvents, FollowerSnapshot } from "../../src/domain/FollowerCounts.ts";
import { withItem } from "../../src/domain/ItemSet.ts";
import { packEvents, type RecentEvent } from "../../src/domain/RecentEvents.ts";
import { nothingShown, withShown } from "../../src/domain/ShownItems.ts";
import { type ItemTrends, itemTrendsOf, rungs } from "../../src/domain/TrendLadder.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { countEvents, makeLiveFollowers, snapshotOf } from "../../src/learning/LiveFollowers.ts";
import {
  type FollowersWrite,
  type PartitionTrend,
  trendKey,
  UserStates,
  type UserStatesError,
  type UserStatesService,
  type UserWrite,
} from "../../src/ports/UserStates.ts";
import { packed } from "../support/FollowerEvents.ts";
import { type LoadedUser, loadedUsers } from "../support/LoadedUsers.ts";
import type { SpoiltStates } from "./Spoilt.ts";
import { interleavingsEqualTheModel } from "./UserStatesModel.ts";

let models = 0;
export const newModel = (): string => `contract-${process.pid}-${++models}-${Math.random().toString(36).slice(2)}`;

const vector = (...factors: ReadonlyArray<number>): Float32Array => Float32Array.from(factors);

const recentEvent = (n: number, arrival: number): RecentEvent => ({
  id: 2 ** 53 - 1 - n,
  arrival,
  time: arrival - 0.125,
  itemIdx: n,
  type: n % 3,
  counted: n % 2 === 0,
});

const loaded = (userIdx: number): LoadedUser => ({
  userIdx,
  userId: `shopper-${userIdx}`,
  vector: vector(userIdx, 0.1, -1 / 3),
  interactions: [{ itemIdx: userIdx + 1, type: 2, time: 1600000000.25 }],
  bought: Uint32Array.from({ length: userIdx % 4 }, (_, i) => 300 * i + userIdx),
  hidden: Uint32Array.from({ length: userIdx % 2 }, (_, i) => 400 * i + userIdx),
  shown: [5, 9, 5]
    .slice(0, userIdx % 4)
    .reduce(
      (all, item, id) => withShown(all, item, 1600000000 + id, id === 1 ? undefined : 2 ** 32 - 1 - id),
      nothingShown,
    ),
  recent: packEvents(Array.from({ length: userIdx % 3 }, (_, i) => recentEvent(userIdx + i, 1600000000.5))),
});

const loadedState = (userIdx: number): UserState => {
  const { vector, interactions, bought, hidden, shown, recent } = loaded(userIdx);
  return { ...emptyUserState, vector, interactions, bought, hidden, shown, recent };
};

const range = (from: number, to: number): Array<number> => Array.from({ length: to - from }, (_, i) => from + i);

const loadUsers = (states: UserStatesService, model: string, from: number, to: number, trends?: ItemTrends) =>
  states.load(model, Stream.make(loadedUsers(range(from, to).map(loaded))), trends);

const itemTrends = (items: number): ItemTrends =>
  itemTrendsOf(Float32Array.from({ length: items * rungs }, (_, i) => 1 / (i + 3)));

/** A state that applied the event at `next - 1` of `partition`. */
const applied = (factor: number, partition: number, next: bigint, before: UserState = emptyUserState): UserState => ({
  vector: vector(factor, 2, 3),
  interactions: [...before.interactions, { itemIdx: factor, type: 0, time: 1.5 }],
  bought: withItem(before.bought, factor + 1000),
  hidden: factor % 2 === 0 ? before.hidden : withItem(before.hidden, factor + 2000),
  shown: factor % 3 === 0 ? before.shown : withShown(before.shown, factor + 3000, factor, factor),
  recent: packEvents([recentEvent(factor, 1.5)]),
  next: new Map([...before.next, [partition, next]]),
});

const write = (userId: string, expected: bigint | undefined, state: UserState): UserWrite => ({
  userId,
  expected,
  state,
});

const trendOf = (next: bigint, score: number): PartitionTrend => ({
  next,
  asOf: 7.5,
  total: 2 * score,
  scores: new Map([[3, score]]),
});

/** An event with the item that followed two others. */
const followed = (item: number): FollowerEvents => packed([{ item, before: [item + 1, 2 ** 32 - 1] }]);

/** What was counted of `events` events. */
const counted = (events: number): FollowerSnapshot => {
  const live = makeLiveFollowers();
  for (let item = 0; item < events; item++) countEvents(live, followed(item));
  return snapshotOf(live);
};

/** As a batch without users does it. */
const writeFollowers = (
  states: UserStatesService,
  model: string,
  slot: number,
  expected: bigint | undefined,
  next: bigint,
  followers: FollowersWrite | undefined,
) => states.write(model, { slot, next, users: [], trend: { expected, trend: trendOf(next, 1), followers } });

/** What `read` answers, and `readPacked` too. */
const read = (states: UserStatesService, model: string, ids: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const found = yield* states.read(model, ids);
    const packed = yield* states.readPacked(model, ids);
    // Another look into the store in between, which changes none of what was answered.
    yield* states.read(model, [...ids].reverse());
    expect(packed.map((state) => state())).toEqual(found);
    return found;
  });

export const userStatesContract = <R>(
  name: string,
  layer: () => Layer.Layer<UserStates | R, unknown>,
  spoilt: SpoiltStates<R>,
): void => {
  it.layer(layer() as Layer.Layer<UserStates | R>, { timeout: "60 seconds" })(`${name}: UserStates`, (it) => {
    describe("load", () => {
      it.effect("stores each user, readable by id and by index, and answers how many", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const users = Stream.make(range(0, 3).map(loaded), [], range(3, 10).map(loaded)).pipe(
            Stream.map(loadedUsers),
          );
          expect(yield* states.load(model, users)).toBe(10);
          expect(yield* read(states, model, ["shopper-0", "nobody", "shopper-9"])).toEqual([
            loadedState(0),
            undefined,
            loadedState(9),
          ]);
          expect(yield* states.userIdsOf(model, [7, 10, 0, -1, 7, 1.5, 2 ** 40])).toEqual([
            "shopper-7",
            undefined,
            "shopper-0",
            undefined,
            "shopper-7",
            undefined,
            undefined,
          ]);
          expect(yield* states.userIdsOf(model, [])).toEqual([]);
          expect(yield* states.position(model, 0)).toBeUndefined();
        }),
      );

      it.effect("keeps what the batch's events weigh per item, with the model alone", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const [model, other] = [newModel(), newModel()];
          expect(yield* states.itemTrends(model)).toBeUndefined();
          for (const items of [1, 4_096, 4_097, 10_000]) {
            yield* loadUsers(states, model, 0, 2, itemTrends(items));
            expect(yield* states.itemTrends(model)).toEqual(itemTrends(items));
          }
          yield* loadUsers(states, other, 0, 2, itemTrends(3));
          const failing = Stream.concat(Stream.make(loadedUsers([loaded(1)])), Stream.fail("broken"));
          expect(yield* Effect.flip(states.load(model, failing, itemTrends(5)))).toBe("broken");
          expect(yield* states.itemTrends(model)).toEqual(itemTrends(10_000));
          // As version 0.3.0 loads it, and a batch without items.
          yield* loadUsers(states, model, 0, 2);
          expect(yield* states.itemTrends(model)).toBeUndefined();
          yield* loadUsers(states, model, 0, 2, itemTrends(0));
          expect(yield* states.itemTrends(model)).toBeUndefined();
          yield* states.drop(other);
          expect(yield* states.itemTrends(other)).toBeUndefined();
        }),
      );

      it.effect("takes batches of any size", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const sizes = [1, 0, 20_000, 7, 6_000];
          const all = range(0, 26_008).map(loaded);
          const batches = sizes.map((size) => loadedUsers(all.splice(0, size)));
          expect(yield* states.load(model, Stream.fromIterable(batches))).toBe(26_008);
          const some = [0, 1, 16_384, 20_000, 20_001, 20_008, 26_007];
          expect(
            yield* read(
              states,
              model,
              some.map((user) => `shopper-${user}`),
            ),
          ).toEqual(some.map(loadedState));
          expect(yield* states.userIdsOf(model, some)).toEqual(some.map((user) => `shopper-${user}`));
        }),
      );

      it.effect("takes users who bought more than all others together", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const all = range(0, 5).map(loaded);
          const items = Uint32Array.from({ length: 3_500_000 }, (_, i) => 2 * i);
          const users = all.map((user) => (user.userIdx % 2 === 1 ? { ...user, bought: items } : user));
          expect(yield* states.load(model, Stream.make(loadedUsers(users)))).toBe(5);
          const ids = users.map(({ userId }) => userId);
          const packed = yield* states.readPacked(model, ids);
          const found = yield* states.read(model, ids);
          [...found, ...packed.map((state) => state() as UserState)].forEach((state, at) => {
            const userIdx = at % users.length;
            const { bought } = users[userIdx]!;
            expect(Buffer.compare(Buffer.from(state!.bought.buffer), Buffer.from(bought.buffer))).toBe(0);
            expect({ ...state, bought: undefined }).toEqual({ ...loadedState(userIdx), bought: undefined });
          });
        }),
      );

      it.effect("keeps ids of any length and letters apart", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const long = "x".repeat(3000);
          const ids = ["é", "é ", "\ufeffé", "用户", `${long}a`, `${long}b`];
          const users = ids.map((userId, userIdx) => ({ ...loaded(userIdx), userId }));
          yield* states.load(model, Stream.make(loadedUsers(users)));
          yield* states.write(model, {
            slot: 0,
            next: 1n,
            users: [write(`${long}b`, undefined, applied(9, 0, 1n))],
            trend: undefined,
          });
          expect(yield* read(states, model, ids)).toEqual([...range(0, 5).map(loadedState), applied(9, 0, 1n)]);
          expect(yield* states.userIdsOf(model, range(0, ids.length))).toEqual(ids);
        }),
      );

      it.effect("shows nothing of a load that failed, and starts over", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const broken = Stream.concat(
            Stream.make(loadedUsers(range(0, 20_000).map(loaded))),
            Stream.fail("cut" as const),
          );
          expect(yield* Effect.exit(states.load(model, broken))).toEqual(Exit.fail("cut"));
          expect(yield* read(states, model, ["shopper-0", "shopper-19999"])).toEqual([undefined, undefined]);
          expect(yield* states.userIdsOf(model, [0])).toEqual([undefined]);
          expect(yield* loadUsers(states, model, 5, 6)).toBe(1);
          expect(yield* read(states, model, ["shopper-0", "shopper-5"])).toEqual([undefined, loadedState(5)]);
          expect(yield* states.userIdsOf(model, [0])).toEqual([undefined]);
        }),
      );
    });

    describe("write", () => {
      it.effect("writes users, known or new, the trend and the position in one step", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* loadUsers(states, model, 0, 2);
          const conflicts = yield* states.write(model, {
            slot: 3,
            next: 12n,
            users: [
              write("shopper-1", undefined, applied(5, 3, 11n, loadedState(1))),
              write("newcomer", undefined, applied(6, 3, 12n)),
            ],
            trend: { expected: undefined, trend: trendOf(12n, 0.3) },
          });
          expect(conflicts).toEqual([]);
          expect(yield* read(states, model, ["shopper-0", "shopper-1", "newcomer"])).toEqual([
            loadedState(0),
            applied(5, 3, 11n, loadedState(1)),
            applied(6, 3, 12n),
          ]);
          expect(yield* states.position(model, 3)).toBe(12n);
          expect(yield* states.position(model, 2)).toBeUndefined();
          expect(yield* states.trend(model, 3)).toEqual(trendOf(12n, 0.3));
          expect(yield* states.trend(model, 2)).toBeUndefined();
          expect(yield* states.userIdsOf(model, [1])).toEqual(["shopper-1"]);
        }),
      );

      it.effect("keeps a user that stays cold", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const cold: UserState = { ...emptyUserState, next: new Map([[0, 4n]]) };
          yield* states.write(model, {
            slot: 0,
            next: 4n,
            users: [write("cold", undefined, cold)],
            trend: undefined,
          });
          expect(yield* read(states, model, ["cold"])).toEqual([cold]);
        }),
      );

      it.effect("refuses a zombie's write, writes the rest, and holds the position back", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* states.write(model, {
            slot: 0,
            next: 5n,
            users: [write("ann", undefined, applied(1, 0, 5n))],
            trend: undefined,
          });
          const conflicts = yield* states.write(model, {
            slot: 0,
            next: 9n,
            users: [write("ann", undefined, applied(2, 0, 8n)), write("bob", undefined, applied(2, 0, 9n))],
            trend: undefined,
          });
          expect(conflicts).toEqual(["ann"]);
          expect(yield* read(states, model, ["ann", "bob"])).toEqual([applied(1, 0, 5n), applied(2, 0, 9n)]);
          expect(yield* states.position(model, 0)).toBe(5n);
          const again = yield* states.write(model, {
            slot: 0,
            next: 9n,
            users: [write("ann", 5n, applied(3, 0, 8n))],
            trend: undefined,
          });
          expect(again).toEqual([]);
          expect(yield* states.position(model, 0)).toBe(9n);
        }),
      );

      it.effect("guards by partition: another partition's write is no conflict", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const first = applied(1, 0, 5n);
          yield* states.write(model, {
            slot: 0,
            next: 5n,
            users: [write("ann", undefined, first)],
            trend: undefined,
          });
          const both = applied(2, 1, 40n, first);
          const conflicts = yield* states.write(model, {
            slot: 1,
            next: 40n,
            users: [write("ann", undefined, both)],
            trend: undefined,
          });
          expect(conflicts).toEqual([]);
          const [ann] = yield* read(states, model, ["ann"]);
          expect(ann).toEqual(both);
          expect(ann!.next).toEqual(
            new Map([
              [0, 5n],
              [1, 40n],
            ]),
          );
        }),
      );

      it.effect("never moves the position back", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const at = (next: bigint) => states.write(model, { slot: 0, next, users: [], trend: undefined });
          for (const next of [2n, 2n ** 40n, 3n]) expect(yield* at(next)).toEqual([]);
          expect(yield* states.position(model, 0)).toBe(2n ** 40n);
        }),
      );

      it.effect("guards the trend by its own next, and reports it by trendKey", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const put = (expected: bigint | undefined, trend: PartitionTrend) =>
            states.write(model, { slot: 2, next: trend.next, users: [], trend: { expected, trend } });
          expect(yield* put(undefined, trendOf(4n, 1))).toEqual([]);
          expect(yield* put(undefined, trendOf(6n, 2))).toEqual([trendKey]);
          expect(yield* states.trend(model, 2)).toEqual(trendOf(4n, 1));
          expect(yield* states.position(model, 2)).toBe(4n);
          expect(yield* put(4n, { ...trendOf(6n, 2), scores: new Map() })).toEqual([]);
          expect(yield* states.trend(model, 2)).toEqual({ ...trendOf(6n, 2), scores: new Map() });
          expect(yield* states.position(model, 2)).toBe(6n);
        }),
      );

      it.effect("keeps models apart", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const [one, other] = [newModel(), newModel()];
          yield* loadUsers(states, one, 0, 1);
          const batch = {
            slot: 0,
            next: 3n,
            users: [write("shopper-0", undefined, applied(1, 0, 3n))],
            trend: { expected: undefined, trend: trendOf(3n, 1) },
          };
          expect(yield* states.write(other, batch)).toEqual([]);
          expect(yield* read(states, one, ["shopper-0"])).toEqual([loadedState(0)]);
          expect(yield* states.position(one, 0)).toBeUndefined();
          expect(yield* states.trend(one, 0)).toBeUndefined();
          expect(yield* states.write(one, batch)).toEqual([]);
        }),
      );

      it.effect("lets one of many concurrent writers of a user win", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const answers = yield* Effect.forEach(
            range(0, 20),
            (factor) =>
              states.write(model, {
                slot: 0,
                next: 1n,
                users: [write("ann", undefined, applied(factor, 0, 1n))],
                trend: undefined,
              }),
            { concurrency: "unbounded" },
          );
          const winners = range(0, 20).filter((factor) => answers[factor]!.length === 0);
          expect(winners).toHaveLength(1);
          expect(yield* read(states, model, ["ann"])).toEqual([applied(winners[0]!, 0, 1n)]);
        }),
      );

      it.effect("equals a simple model under any interleaving of two owners", () =>
        Effect.gen(function* () {
          yield* interleavingsEqualTheModel(yield* UserStates, newModel);
        }),
      );
    });

    describe("followers", () => {
      const nothing = { next: undefined, snapshot: undefined, events: [] };

      it.effect("are none before any was written, and none of a batch that wrote none", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          expect(yield* states.followers(model, 0, undefined)).toEqual(nothing);
          expect(yield* writeFollowers(states, model, 0, undefined, 4n, undefined)).toEqual([]);
          expect(yield* states.followers(model, 0, undefined)).toEqual(nothing);
        }),
      );

      it.effect("are told from any answer on, and all of them where a snapshot came between", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const put = (expected: bigint | undefined, next: bigint, followers: FollowersWrite | undefined) =>
            Effect.map(writeFollowers(states, model, 3, expected, next, followers), (conflicts) =>
              expect(conflicts).toEqual([]),
            );
          const after = (since: bigint | undefined) => states.followers(model, 3, since);
          yield* put(undefined, 4n, { _tag: "append", events: followed(1) });
          yield* put(4n, 9n, { _tag: "append", events: followed(2) });
          yield* put(9n, 10n, undefined);
          const both = { next: 9n, snapshot: undefined, events: [followed(1), followed(2)] };
          expect(yield* after(undefined)).toEqual(both);
          expect(yield* after(4n)).toEqual({ ...both, events: [followed(2)] });
          expect(yield* after(9n)).toEqual({ ...both, events: [] });
          yield* put(10n, 2n ** 40n, { _tag: "replace", snapshot: counted(900) });
          const added = { next: 2n ** 40n, snapshot: counted(900), events: [] };
          for (const since of [undefined, 4n, 9n]) expect(yield* after(since)).toEqual(added);
          expect(yield* after(2n ** 40n)).toEqual({ ...added, snapshot: undefined });
          yield* put(2n ** 40n, 2n ** 40n + 1n, { _tag: "append", events: followed(3) });
          const more = { next: 2n ** 40n + 1n, snapshot: counted(900), events: [followed(3)] };
          expect(yield* after(9n)).toEqual(more);
          expect(yield* after(2n ** 40n)).toEqual({ ...more, snapshot: undefined });
          expect(yield* states.followers(model, 2, undefined)).toEqual(nothing);
        }),
      );

      it.effect("of many batches, small and large, are told in their order from each of them on", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const large = packed(range(0, 300).map((item) => ({ item, before: range(0, 20) })));
          const batches = range(1, 120).map((n) => ({
            next: BigInt(3 * n),
            events: n % 25 === 0 ? large : followed(n),
          }));
          let expected: bigint | undefined;
          for (const { events, next } of batches) {
            expect(yield* writeFollowers(states, model, 0, expected, next, { _tag: "append", events })).toEqual([]);
            expected = next;
          }
          for (const known of [0, 1, 24, 25, 26, 27, 90, 118, 119]) {
            const { events, next, snapshot } = yield* states.followers(
              model,
              0,
              known === 0 ? undefined : BigInt(3 * known),
            );
            expect(snapshot).toBeUndefined();
            expect(next).toBe(357n);
            expect(events).toEqual(batches.slice(known).map(({ events }) => events));
          }
          yield* writeFollowers(states, model, 0, expected, 360n, { _tag: "replace", snapshot: counted(1) });
          expect(yield* states.followers(model, 0, 60n)).toEqual({ next: 360n, snapshot: counted(1), events: [] });
        }),
      );

      it.effect("are guarded by the trend they are written with", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* writeFollowers(states, model, 0, undefined, 4n, { _tag: "append", events: followed(1) });
          const stored = yield* states.followers(model, 0, undefined);
          for (const followers of [
            { _tag: "append", events: followed(2) },
            { _tag: "replace", snapshot: counted(3) },
          ] as const) {
            for (const expected of [undefined, 3n]) {
              expect(yield* writeFollowers(states, model, 0, expected, 9n, followers)).toEqual([trendKey]);
              expect(yield* states.followers(model, 0, undefined)).toEqual(stored);
            }
          }
        }),
      );

      it.effect("of a model that was loaded anew stand in place of what was read before", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* writeFollowers(states, model, 0, undefined, 40n, { _tag: "append", events: followed(1) });
          yield* loadUsers(states, model, 0, 1);
          const replaced = { next: undefined, snapshot: counted(0), events: [] };
          expect(yield* states.followers(model, 0, 40n)).toEqual(replaced);
          expect(yield* states.followers(model, 0, undefined)).toEqual(nothing);
          yield* writeFollowers(states, model, 0, undefined, 5n, { _tag: "append", events: followed(2) });
          expect(yield* states.followers(model, 0, 40n)).toEqual({ ...replaced, next: 5n, events: [followed(2)] });
          yield* states.drop(model);
          expect(yield* states.followers(model, 0, 5n)).toEqual(replaced);
        }),
      );
    });

    describe("damage", () => {
      it.effect("is told, whatever is damaged, and nothing else is", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const looks = {
            state: (model: string) => read(states, model, ["shopper-1", "shopper-0"]),
            position: (model: string) => states.position(model, 0),
            trend: (model: string) => states.trend(model, 0),
            followers: (model: string) => states.followers(model, 0, undefined),
            itemTrends: (model: string) => states.itemTrends(model),
            logs: (model: string) => states.logs(model),
            id: (model: string) => states.userIdsOf(model, [1, 0]),
          };
          for (const [what, look] of Object.entries(looks) as Array<[keyof typeof looks, typeof looks.state]>) {
            for (const spoil of spoilt[what]) {
              const model = newModel();
              yield* loadUsers(states, model, 0, 2, itemTrends(2));
              yield* states.addLog(model, { identity: "a", partitions: 2 }, "own");
              for (const slot of [0, 1]) {
                yield* writeFollowers(states, model, slot, undefined, 2n, { _tag: "replace", snapshot: counted(5) });
                yield* writeFollowers(states, model, slot, 2n, 3n, { _tag: "append", events: followed(6) });
              }
              yield* look(model);
              yield* spoil(model);
              const told = (yield* Effect.flip(look(model))) as UserStatesError;
              expect(told._tag, what).toBe("UserStatesError");
              expect(told.message, what).toMatch(/cannot be decoded: run the batch, which makes a model anew$/);
              expect(told.message).toContain(model);
              if (what === "state") {
                const packed = yield* states.readPacked(model, ["shopper-1", "shopper-0"]);
                expect(packed.map((state) => state())).toEqual([loadedState(1), "damaged"]);
              }
              if (what === "trend") expect(yield* Effect.flip(states.trends(model, 2))).toEqual(told);
              expect(yield* read(states, model, ["shopper-1"])).toEqual([loadedState(1)]);
              expect(yield* states.position(model, 1)).toBe(3n);
              expect(yield* states.trend(model, 1)).toEqual(trendOf(3n, 1));
              expect(yield* states.followers(model, 1, undefined)).toEqual({
                next: 3n,
                snapshot: counted(5),
                events: [followed(6)],
              });
              expect(yield* states.userIdsOf(model, [1])).toEqual(["shopper-1"]);
            }
          }
        }),
      );
    });

    describe("logs", () => {
      const log = (identity: string, partitions = 2): AppliedLog => ({ identity, partitions });

      it.effect("are none after a load, then those that were added, once each, in order", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          expect(yield* states.logs(model)).toEqual([]);
          yield* loadUsers(states, model, 0, 1);
          expect(yield* states.logs(model)).toEqual([]);
          expect(yield* states.addLog(model, log("a"), "other")).toEqual([log("a")]);
          expect(yield* states.addLog(model, log("b"), "other")).toEqual([log("a"), log("b")]);
          expect(yield* states.addLog(model, log("a", 3), "other")).toEqual([log("a", 3), log("b")]);
          expect(yield* states.logs(model)).toEqual([log("a", 3), log("b")]);
          yield* loadUsers(states, model, 0, 1);
          expect(yield* states.logs(model)).toEqual([]);
        }),
      );

      it.effect("are kept for a model that was never loaded, too", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          expect(yield* states.addLog(model, log("a"), "other")).toEqual([log("a")]);
          expect(yield* states.logs(model)).toEqual([log("a")]);
          expect(yield* states.position(model, 0)).toBeUndefined();
        }),
      );

      it.effect("are each added once by many at a time", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* loadUsers(states, model, 0, 1);
          const identities = range(0, 12).map((i) => `log-${i % 4}`);
          yield* Effect.forEach(identities, (identity) => states.addLog(model, log(identity), "other"), {
            concurrency: "unbounded",
          });
          const logs = yield* states.logs(model);
          expect(logs?.map(({ identity }) => identity).sort()).toEqual(["log-0", "log-1", "log-2", "log-3"]);
        }),
      );

      it.effect("keep their offsets apart, and their trends together", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* loadUsers(states, model, 0, 1);
          yield* states.addLog(model, log("a"), "other");
          yield* states.addLog(model, log("b"), "other");
          const put = (slot: number, next: bigint, before?: UserState) =>
            states.write(model, {
              slot,
              next,
              users: [write("ann", undefined, applied(1, slot, next, before))],
              trend: { expected: undefined, trend: trendOf(next, slot) },
            });
          const [old, young] = [slotOf(0, 1), slotOf(1, 1)];
          expect(yield* put(old, 9n)).toEqual([]);
          const [before] = yield* read(states, model, ["ann"]);
          expect(yield* put(young, 2n, before)).toEqual([]);
          expect(yield* states.position(model, old)).toBe(9n);
          expect(yield* states.position(model, young)).toBe(2n);
          const [ann] = yield* read(states, model, ["ann"]);
          expect(ann?.next).toEqual(
            new Map([
              [old, 9n],
              [young, 2n],
            ]),
          );
          const trends = [...(yield* states.trends(model, 2))].sort((a, b) => Number(b.next - a.next));
          expect(trends).toEqual([trendOf(9n, old), trendOf(2n, young)]);
        }),
      );

      it.effect(
        "of a model of version 0.1 are unknown: its offsets are the first log's, or of none that there is",
        () =>
          Effect.gen(function* () {
            const states = yield* UserStates;
            for (const unnamed of ["own", "other"] as const) {
              const model = newModel();
              yield* loadUsers(states, model, 0, 1);
              yield* states.write(model, {
                slot: 1,
                next: 5n,
                users: [],
                trend: { expected: undefined, trend: trendOf(5n, 1) },
              });
              yield* spoilt.unnamed(model);
              expect(yield* states.logs(model)).toBeUndefined();
              expect(yield* states.trends(model, 2)).toEqual([trendOf(5n, 1)]);
              const logs = unnamed === "own" ? [log("a")] : [log(""), log("a")];
              expect(yield* states.addLog(model, log("a"), unnamed)).toEqual(logs);
              expect(yield* states.addLog(model, log("a"), "other")).toEqual(logs);
              expect(yield* states.trends(model, 2)).toEqual([trendOf(5n, 1)]);
              expect(yield* states.position(model, 1)).toBe(5n);
            }
          }),
      );
    });

    describe("forget", () => {
      const before = { slot: 1, next: 10n };
      const others = [0, 4, 6, 31, 32, 69];
      const othersAreThere = (states: UserStatesService, model: string, users = others) =>
        Effect.gen(function* () {
          const ids = users.map((user) => `shopper-${user}`);
          expect(yield* read(states, model, ids)).toEqual(users.map(loadedState));
          expect(yield* states.userIdsOf(model, users)).toEqual(ids);
        });

      it.effect("removes what was loaded, and the id, and nobody else", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* loadUsers(states, model, 0, 70);
          for (const user of ["shopper-5", "shopper-5", "nobody"]) yield* states.forget(model, user, before);
          expect(yield* read(states, model, ["shopper-5"])).toEqual([undefined]);
          expect(yield* states.userIdsOf(model, [5])).toEqual([undefined]);
          yield* othersAreThere(states, model);
          yield* states.forget(newModel(), "shopper-5", before);
        }),
      );

      it.effect("removes what events made of the user before, whether the word was applied or not", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* loadUsers(states, model, 0, 70);
          const empty: UserState = { ...emptyUserState, next: new Map([[1, 10n]]) };
          const users = [
            write("shopper-5", undefined, applied(1, 1, 8n, loadedState(5))),
            write("ann", undefined, applied(2, 1, 7n)),
          ];
          yield* states.write(model, { slot: 1, next: 8n, users, trend: undefined });
          yield* states.forget(model, "ann", before);
          expect(yield* read(states, model, ["ann"])).toEqual([undefined]);
          const forgets = { ...write("shopper-5", 8n, empty), forgets: true };
          expect(yield* states.write(model, { slot: 1, next: 10n, users: [forgets], trend: undefined })).toEqual([]);
          expect(yield* read(states, model, ["shopper-5"])).toEqual([empty]);
          yield* states.forget(model, "shopper-5", before);
          expect(yield* read(states, model, ["shopper-5"])).toEqual([undefined]);
          yield* othersAreThere(states, model);
        }),
      );

      it.effect("leaves what events made of the user since", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* loadUsers(states, model, 0, 70);
          const back = { ...write("shopper-5", undefined, applied(3, 1, 12n)), forgets: true };
          yield* states.write(model, { slot: 1, next: 12n, users: [back], trend: undefined });
          yield* states.forget(model, "shopper-5", before);
          expect(yield* read(states, model, ["shopper-5"])).toEqual([applied(3, 1, 12n)]);
          expect(yield* states.userIdsOf(model, [5])).toEqual([undefined]);
          yield* othersAreThere(states, model);
        }),
      );

      it.effect("leaves a stranger where what is stored was damaged, and all others as they were", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          for (const [spoil, isLate] of spoilt.state.flatMap((spoil) => [
            [spoil, false] as const,
            [spoil, true] as const,
          ])) {
            const model = newModel();
            yield* loadUsers(states, model, 0, 70);
            // Events after the word, too, are lost with what they made.
            const late = write("shopper-0", undefined, applied(3, 1, 12n, loadedState(0)));
            if (isLate) yield* states.write(model, { slot: 1, next: 12n, users: [late], trend: undefined });
            yield* spoil(model);
            const [packed] = yield* states.readPacked(model, ["shopper-0"]);
            // What was loaded is not looked at any more, where events made something of the user.
            if (isLate && packed?.() !== "damaged") continue;
            expect(packed?.()).toBe("damaged");
            yield* states.forget(model, "shopper-0", before);
            const [state] = yield* read(states, model, ["shopper-0"]);
            expect({ ...emptyUserState, ...state, next: new Map() }).toEqual(emptyUserState);
            const again = { ...applied(4, 1, 13n), next: new Map([[1, 13n]]) };
            const users = [{ userId: "shopper-0", expected: state?.next.get(1), state: again }];
            expect(yield* states.write(model, { slot: 1, next: 13n, users, trend: undefined })).toEqual([]);
            expect(yield* read(states, model, ["shopper-0"])).toEqual([again]);
            yield* othersAreThere(states, model, others.slice(1));
          }
        }),
      );

      it.effect("lets nobody apply again what was forgotten", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          const late = write("ann", 5n, applied(1, 1, 6n));
          const batch = { slot: 1, next: 5n, users: [write("ann", undefined, applied(1, 1, 5n))], trend: undefined };
          expect(yield* states.write(model, batch)).toEqual([]);
          yield* states.forget(model, "ann", before);
          expect(yield* states.write(model, { ...batch, next: 6n, users: [late] })).toEqual(["ann"]);
          expect(yield* read(states, model, ["ann"])).toEqual([undefined]);
        }),
      );
    });

    describe("drop", () => {
      it.effect("removes all of the model and nothing of others", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const [gone, kept] = [newModel(), newModel()];
          for (const model of [gone, kept]) {
            yield* loadUsers(states, model, 0, 9000);
            yield* states.write(model, {
              slot: 0,
              next: 3n,
              users: [write("ann", undefined, applied(1, 0, 3n))],
              trend: {
                expected: undefined,
                trend: trendOf(3n, 1),
                followers: { _tag: "append", events: followed(1) },
              },
            });
          }
          yield* states.drop(gone);
          yield* states.drop(newModel());
          expect(yield* read(states, gone, ["shopper-0", "ann"])).toEqual([undefined, undefined]);
          expect(yield* states.position(gone, 0)).toBeUndefined();
          expect(yield* states.trend(gone, 0)).toBeUndefined();
          expect((yield* states.followers(gone, 0, undefined)).next).toBeUndefined();
          expect(yield* states.userIdsOf(gone, [0])).toEqual([undefined]);
          expect(yield* read(states, kept, ["shopper-0", "ann"])).toEqual([loadedState(0), applied(1, 0, 3n)]);
          expect(yield* states.position(kept, 0)).toBe(3n);
          expect((yield* states.followers(kept, 0, undefined)).events).toEqual([followed(1)]);
          yield* loadUsers(states, gone, 1, 2);
          expect(yield* read(states, gone, ["shopper-0", "shopper-1", "ann"])).toEqual([
            undefined,
            loadedState(1),
            undefined,
          ]);
        }),
      );

      it.effect("lets nobody who still follows the model make it anew, until it is loaded", () =>
        Effect.gen(function* () {
          const states = yield* UserStates;
          const model = newModel();
          yield* loadUsers(states, model, 0, 2);
          const log = { identity: "log-1", partitions: 2 };
          yield* states.addLog(model, log, "own");
          const batch = { slot: 0, next: 3n, users: [write("ann", undefined, applied(1, 0, 3n))], trend: undefined };
          const trend = { expected: undefined, trend: trendOf(3n, 1) };
          yield* states.drop(model);
          for (const late of [batch, { ...batch, trend }, { ...batch, users: [] }]) {
            expect((yield* Effect.flip(states.write(model, late))).message).toContain(`${model} was removed`);
          }
          expect((yield* Effect.flip(states.addLog(model, log, "own"))).message).toContain(`${model} was removed`);
          expect(yield* read(states, model, ["ann"])).toEqual([undefined]);
          expect(yield* states.position(model, 0)).toBeUndefined();
          expect(yield* states.trend(model, 0)).toBeUndefined();
          yield* loadUsers(states, model, 1, 2);
          expect((yield* states.addLog(model, log, "own")).map(({ identity }) => identity)).toEqual(["log-1"]);
          expect(yield* states.write(model, batch)).toEqual([]);
          expect(yield* read(states, model, ["ann"])).toEqual([applied(1, 0, 3n)]);
        }),
      );
    });
  });
};
