/**
 * UserStates in the embedded store.
 *
 * Loaded users are written once, in order of their index, under a generation of the model that becomes readable in one
 * step when the load is complete: a half-loaded model is never read. What events change is written beside them, per
 * user. Guards and writes of a batch, and the partition's position, are one transaction. Visitors who bought nothing are
 * forgotten after a long time (`Sweep.ts`).
 */
import { type ConfigError, Duration, Effect, Layer } from "effect";
import { values } from "../../src/config/Setting.ts";
import { encodeLogs } from "../../src/domain/AppliedLogs.ts";
import type { UserState } from "../../src/domain/UserState.ts";
import { decodeUserState, encodedNextOf, encodeUserState } from "../../src/domain/UserStateCodec.ts";
import {
  type PackedState,
  type PartitionTrend,
  type StateBatch,
  trendKey,
  UserStates,
  UserStatesError,
  type UserStatesService,
} from "../../src/ports/UserStates.ts";
import { peek, Store } from "../engines/lmdb/Store.ts";
import { StoreError } from "../engines/lmdb/StoreError.ts";
import { idOfBase, writeUsers } from "./embedded/Base.ts";
import { damaged, failed, removed } from "./embedded/Failures.ts";
import { readFollowers, writeFollowers } from "./embedded/Followers.ts";
import { forgetLoaded, forgetUser } from "./embedded/Forget.ts";
import { makeGenerations } from "./embedded/Generations.ts";
import { makeItemTrends } from "./embedded/ItemTrends.ts";
import { floorKey, logsKey, positionKey, trendKeyOf, trendRange, userKey } from "./embedded/Keys.ts";
import { makeLogs } from "./embedded/Logs.ts";
import { baseOf, divisionOf, storedState } from "./embedded/Lookup.ts";
import { decodeOffset, encodeOffset } from "./embedded/Offsets.ts";
import { keepSweeping } from "./embedded/Sweep.ts";
import { noFollowers } from "./FollowersCodec.ts";
import { userStates } from "./Settings.ts";
import { decodeTrend, encodeTrend } from "./TrendCodec.ts";

const isIndex = (userIdx: number): boolean => Number.isInteger(userIdx) && userIdx >= 0 && userIdx <= 0xffffffff;

const unknown: PackedState = () => undefined;

const make = Effect.gen(function* () {
  const store = yield* Store;
  const { states } = store.tables;
  const generations = yield* makeGenerations(store);
  const { count, retention } = yield* values(userStates);
  yield* Effect.forkScoped(keepSweeping(store, generations, { age: Duration.toSeconds(retention), count }));

  const { itemTrends, loadItemTrends } = makeItemTrends(store, generations);

  const load: UserStatesService["load"] = (model, users, trends) =>
    Effect.gen(function* () {
      const generation = yield* generations.begin(model);
      yield* store.write(() => states.put(logsKey(generation), Buffer.from(encodeLogs([]))));
      if (trends !== undefined) yield* loadItemTrends(generation, trends);
      const count = yield* writeUsers(store, generation, users);
      const complete = yield* generations.complete(model, generation);
      if (!complete) {
        return yield* new UserStatesError({
          operation: "load",
          message: `Another load or a removal of model ${model} came between: load it again when nothing else does`,
        });
      }
      return count;
    }).pipe(Effect.mapError((error) => (error instanceof StoreError ? failed("load")(error) : error)));

  const read: UserStatesService["read"] = (model, userIds) =>
    store
      .read(() => {
        const generation = generations.current(model);
        const bits = generation === undefined ? undefined : divisionOf(states, generation);
        const read: Array<UserState | undefined> = [];
        for (const userId of userIds) {
          const bytes = generation === undefined ? undefined : storedState(states, generation, userId, bits);
          const state = bytes === undefined ? undefined : decodeUserState(bytes);
          if (bytes !== undefined && state === undefined) {
            return Effect.fail(damaged("read", model, `state of user ${userId}`));
          }
          read.push(state);
        }
        return Effect.succeed(read);
      })
      .pipe(Effect.mapError(failed("read")), Effect.flatten);

  const readPacked: UserStatesService["readPacked"] = (model, userIds) =>
    store
      .read(() => {
        const generation = generations.current(model);
        if (generation === undefined) return userIds.map(() => unknown);
        const bits = divisionOf(states, generation);
        return userIds.map((userId) => {
          const bytes = storedState(states, generation, userId, bits)?.slice();
          return bytes === undefined ? unknown : () => decodeUserState(bytes) ?? "damaged";
        });
      })
      .pipe(Effect.mapError(failed("read")));

  const apply =
    (model: string, batch: StateBatch, encoded: ReadonlyArray<Uint8Array>) => (): Array<string> | undefined => {
      const { slot } = batch;
      const generation = generations.currentOrNew(model);
      if (generation === undefined) return undefined;
      if (batch.trend !== undefined) {
        const key = trendKeyOf(generation, slot);
        const stored = states.get(key);
        if ((stored === undefined ? undefined : decodeOffset(stored)) !== batch.trend.expected) return [trendKey];
        const { followers, trend } = batch.trend;
        states.put(key, encodeTrend(trend));
        if (followers !== undefined) writeFollowers(states, generation, slot, trend.next, followers);
      }
      const swept = states.get(floorKey(generation, slot));
      const floor = swept === undefined ? 0n : decodeOffset(swept);
      const conflicts: Array<string> = [];
      for (let i = 0; i < batch.users.length; i++) {
        const { userId, expected, forgets } = batch.users[i]!;
        const key = userKey(generation, userId);
        const stored = peek(states, key);
        const next = stored === undefined ? undefined : encodedNextOf(stored, slot);
        if (next === expected && (stored !== undefined || batch.next > floor)) {
          states.put(key, encoded[i]!);
          if (forgets === true) forgetLoaded(states, generation, userId);
        } else conflicts.push(userId);
      }
      if (conflicts.length === 0) {
        const key = positionKey(generation, slot);
        const stored = states.get(key);
        if (stored === undefined || decodeOffset(stored) < batch.next) states.put(key, encodeOffset(batch.next));
      }
      return conflicts;
    };

  const write: UserStatesService["write"] = (model, batch) =>
    Effect.suspend(() =>
      store.write(
        apply(
          model,
          batch,
          batch.users.map((user) => encodeUserState(user.state)),
        ),
      ),
    ).pipe(
      Effect.mapError(failed("write")),
      Effect.filterOrFail(
        (conflicts) => conflicts !== undefined,
        () => removed("write", model),
      ),
    );

  /** What is stored of the slot under `key`; undefined for nothing. */
  const ofSlot = <A>(
    operation: "position" | "trend",
    model: string,
    slot: number,
    key: (generation: number, slot: number) => Buffer,
    decode: (bytes: Uint8Array) => A | undefined,
  ): Effect.Effect<A | undefined, UserStatesError> =>
    store
      .read(() => {
        const generation = generations.current(model);
        return generation === undefined ? undefined : states.get(key(generation, slot));
      })
      .pipe(
        Effect.mapError(failed(operation)),
        Effect.flatMap((bytes) => {
          if (bytes === undefined) return Effect.succeed(undefined);
          const decoded = decode(bytes);
          return decoded === undefined
            ? Effect.fail(damaged(operation, model, `${operation} of slot ${slot}`))
            : Effect.succeed(decoded);
        }),
      );

  const trends: UserStatesService["trends"] = (model) =>
    store
      .read(() => {
        const generation = generations.current(model);
        if (generation === undefined) return [];
        return Array.from(states.getRange(trendRange(generation)), ({ value }) => decodeTrend(value));
      })
      .pipe(
        Effect.mapError(failed("trend")),
        Effect.filterOrFail(
          (found): found is Array<PartitionTrend> => found.every((trend) => trend !== undefined),
          () => damaged("trend", model, "trend"),
        ),
      );

  const followers: UserStatesService["followers"] = (model, slot, since) =>
    store
      .read(() => {
        const generation = generations.current(model);
        return generation === undefined ? noFollowers(since) : readFollowers(states, generation, slot, since);
      })
      .pipe(
        Effect.mapError(failed("followers")),
        Effect.filterOrFail(
          (found) => found !== undefined,
          () => damaged("followers", model, `counts of followers of slot ${slot}`),
        ),
      );

  const service: UserStatesService = {
    load,
    read,
    readPacked,
    write,
    position: (model, slot) =>
      ofSlot("position", model, slot, positionKey, (bytes) => (bytes.length === 8 ? decodeOffset(bytes) : undefined)),
    trend: (model, slot) => ofSlot("trend", model, slot, trendKeyOf, decodeTrend),
    trends,
    itemTrends,
    followers,
    ...makeLogs(store, generations),
    userIdsOf: (model, indices) =>
      store
        .read(() => {
          const generation = generations.current(model);
          const ids: Array<string | undefined> = [];
          for (const userIdx of indices) {
            const bytes =
              generation === undefined || !isIndex(userIdx) ? undefined : baseOf(states, generation, userIdx);
            const id = bytes === undefined ? undefined : idOfBase(bytes);
            if (bytes !== undefined && id === undefined) {
              return Effect.fail(damaged("userIdsOf", model, `id of user ${userIdx}`));
            }
            // Nobody: whoever it was is forgotten.
            ids.push(id === "" ? undefined : id);
          }
          return Effect.succeed(ids);
        })
        .pipe(Effect.mapError(failed("userIdsOf")), Effect.flatten),
    forget: (model, userId, before) =>
      store
        .write(() => {
          const generation = generations.current(model);
          if (generation !== undefined) forgetUser(states, generation, userId, before);
        })
        .pipe(Effect.mapError(failed("forget"))),
    drop: (model) => generations.drop(model).pipe(Effect.mapError(failed("drop"))),
  };
  return service;
});

export const layer: Layer.Layer<UserStates, ConfigError.ConfigError, Store> = Layer.scoped(UserStates, make);
