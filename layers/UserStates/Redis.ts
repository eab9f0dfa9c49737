/**
 * UserStates on Redis or Valkey: one hash per user and model, `PREFIX:MODEL:GENERATION:user:ID`, with the fields vector
 * (f32, little-endian), interactions, recent, bought, hidden and shown (where something is) and next:SLOT (the offset of the next event
 * to apply). A hash
 * without the field bought is of version 0.1: it has marks in place of recent, and knows of the purchases among its
 * interactions alone.
 *
 * A batch is read in one round trip and written in one: each user by a compare-and-set script on its own key, after the
 * slot's trend, which is the gate of the batch. The position moves when all of it is written. What a load writes
 * becomes readable in one step, by the model's generation.
 */
import { Duration, Effect, Layer, Stream } from "effect";
import { encodeLogs } from "../../src/domain/AppliedLogs.ts";
import { encodeItemSet } from "../../src/domain/ItemSet.ts";
import type { LoadedUsers } from "../../src/domain/LoadedUsers.ts";
import { encodeParts } from "../../src/domain/LoadedUsersCodec.ts";
import { encodeShown } from "../../src/domain/ShownItems.ts";
import { encodeInteractions, encodeRecent, encodeVector } from "../../src/domain/UserStateCodec.ts";
import { trendKey, UserStates, UserStatesError, type UserStatesService } from "../../src/ports/UserStates.ts";
import { Redis, RedisError } from "../engines/redis/Client.ts";
import { removeByPrefix } from "../engines/redis/Scan.ts";
import { redis } from "../engines/redis/Settings.ts";
import { followerArguments, makeRedisFollowers } from "./redis/Followers.ts";
import { makeRedisForget } from "./redis/Forget.ts";
import { makeRedisItemTrends } from "./redis/ItemTrends.ts";
import { makeRedisLogs } from "./redis/Logs.ts";
import { bytesOf, damaged, evaluate, failed, makeRedisModels, removed } from "./redis/Models.ts";
import { decodeOffset } from "./redis/Offsets.ts";
import { movePosition, swapText, writeTrend, writeUser } from "./redis/Scripts.ts";
import { fieldsAt, stateOf } from "./redis/States.ts";
import { decodeTrend, encodeTrend } from "./TrendCodec.ts";

/** Users written at a time by a load, and how many such batches are under way. */
const loadBatch = 500;
const loadsAtOnce = 4;
/** Milliseconds: longer than an event is remembered (`learning/Recent.ts`). */
const leastTtl = 90_000_000;

const make = Effect.gen(function* () {
  const { connection, use } = yield* Redis;
  const models = yield* makeRedisModels;
  const { base, generationKey, indexKey, logsKey, newGeneration, removedKey, slotKey, under, userKey } = models;
  const { addLog, logs, ofSlot, trends } = makeRedisLogs(models);
  const { itemTrends, loadItemTrends } = yield* makeRedisItemTrends(models);
  const longest = Duration.toMillis(yield* redis.userTtl.config);
  const ttl = String(longest === 0 ? 0 : Math.max(longest, leastTtl));
  const loadUser = async (model: string, generation: string, users: LoadedUsers, row: number) => {
    const userIdx = users.first + row;
    const userId = users.ids[row]!;
    const vector = users.vectors[row];
    const { interactions, recent, bought, hidden, shown } = encodeParts(users, row);
    const key = userKey(model, generation, userId);
    const written = connection.hset(key, {
      interactions: bytesOf(interactions),
      recent: bytesOf(recent),
      bought: bytesOf(bought),
      ...(hidden.length === 0 ? {} : { hidden: bytesOf(hidden) }),
      ...(shown.length === 0 ? {} : { shown: bytesOf(shown) }),
      ...(vector === undefined ? {} : { vector: bytesOf(encodeVector(vector)) }),
    });
    const expiring = ttl === "0" || bought.length + hidden.length > 0 ? undefined : connection.pexpire(key, ttl);
    const indexed = connection.hset(indexKey(model, generation, userIdx), String(userIdx), userId);
    await Promise.all([written, expiring, indexed]);
  };

  const loadUsers = <E, R>(model: string, generation: string, users: Stream.Stream<LoadedUsers, E, R>) =>
    users.pipe(
      Stream.mapConcat((all) => {
        const parts = Array.from({ length: Math.ceil(all.ids.length / loadBatch) }, (_, part) => part * loadBatch);
        return parts.map((from) => ({ all, from, to: Math.min(from + loadBatch, all.ids.length) }));
      }),
      Stream.mapEffect(
        ({ all, from, to }) =>
          use(() =>
            Promise.all(Array.from({ length: to - from }, (_, i) => loadUser(model, generation, all, from + i))),
          ).pipe(Effect.mapError(failed("load")), Effect.as(to - from)),
        { concurrency: loadsAtOnce },
      ),
      Stream.runSum,
    );

  const load: UserStatesService["load"] = (model, users, itemsTrends) =>
    Effect.gen(function* () {
      const before = (yield* use((connection) => connection.get(generationKey(model)))) ?? "";
      yield* use((connection) => connection.unlink(removedKey(model)));
      const generation = yield* use(newGeneration);
      const tidy = (old: string) =>
        old === "" ? Effect.void : Effect.ignore(removeByPrefix(connection, use, `${base(model, old)}:`));
      return yield* Effect.gen(function* () {
        yield* use((connection) => connection.set(logsKey(model, generation), encodeLogs([])));
        if (itemsTrends !== undefined) yield* loadItemTrends(model, generation, itemsTrends);
        const count = yield* loadUsers(model, generation, users);
        const swapped = yield* use((c) => evaluate(c, swapText, generationKey(model), before, generation));
        if (swapped === 0) {
          return yield* new UserStatesError({
            operation: "load",
            message: `another load or a removal of model ${model} came between: load it again when nothing else does`,
          });
        }
        return count;
      }).pipe(
        Effect.tapErrorCause(() => tidy(generation)),
        Effect.zipLeft(tidy(before)),
      );
    }).pipe(Effect.mapError((error) => (error instanceof RedisError ? failed("load")(error) : error)));

  const readPacked: UserStatesService["readPacked"] = (model, userIds) =>
    under(model, (connection, generation) =>
      Promise.all(userIds.map((userId) => fieldsAt(connection, userKey(model, generation, userId)))),
    ).pipe(
      Effect.mapError(failed("read")),
      Effect.map((found) => userIds.map((_, i) => () => found && stateOf(found.answer[i]!))),
    );

  const read: UserStatesService["read"] = (model, userIds) =>
    Effect.flatMap(readPacked(model, userIds), (found) =>
      Effect.forEach(found, (packed, i) => {
        const state = packed();
        return state === "damaged" ? damaged("read", model, `state of user ${userIds[i]}`) : Effect.succeed(state);
      }),
    );

  const write: UserStatesService["write"] = (model, { next, slot, trend, users }) =>
    Effect.gen(function* () {
      yield* models.ensure("write", model);
      const gate =
        trend === undefined
          ? { answer: 1 }
          : yield* under(model, (connection, generation) =>
              evaluate(
                connection,
                writeTrend,
                slotKey(model, generation, slot),
                String(trend.expected ?? ""),
                String(trend.trend.next),
                encodeTrend(trend.trend),
                ...followerArguments(trend.trend.next, trend.followers),
              ),
            );
      if (gate === undefined) return yield* removed("write", model);
      if (gate.answer !== 1) return [trendKey];
      const written = yield* under(model, (connection, generation) =>
        Promise.all(
          users.map(({ expected, state, userId }) =>
            evaluate(
              connection,
              writeUser,
              userKey(model, generation, userId),
              `next:${slot}`,
              String(expected ?? ""),
              String(state.next.get(slot) ?? next),
              ttl,
              state.vector === undefined ? "" : encodeVector(state.vector),
              encodeInteractions(state.interactions),
              encodeRecent(state.recent),
              encodeItemSet(state.bought),
              encodeItemSet(state.hidden),
              encodeShown(state.shown),
            ),
          ),
        ),
      );
      if (written === undefined) return yield* removed("write", model);
      const conflicts = users.filter((_, i) => written.answer[i] !== 1).map(({ userId }) => userId);
      if (conflicts.length === 0) {
        yield* under(model, (connection, generation) =>
          evaluate(connection, movePosition, slotKey(model, generation, slot), String(next)),
        );
      }
      return conflicts;
    }).pipe(Effect.mapError((error) => (error instanceof RedisError ? failed("write")(error) : error)));

  return {
    load,
    read,
    readPacked,
    write,
    position: (model, slot) => ofSlot("position", model, slot, decodeOffset),
    trend: (model, slot) => ofSlot("trend", model, slot, decodeTrend),
    trends,
    itemTrends,
    followers: makeRedisFollowers(models),
    logs,
    addLog,
    userIdsOf: (model, indices) =>
      under(model, (connection, generation) =>
        Promise.all(indices.map((userIdx) => connection.hget(indexKey(model, generation, userIdx), String(userIdx)))),
      ).pipe(
        Effect.mapError(failed("userIdsOf")),
        Effect.map((found) => indices.map((_, i) => found?.answer[i] ?? undefined)),
      ),
    forget: makeRedisForget(models),
    drop: (model) => models.drop(model).pipe(Effect.mapError(failed("drop"))),
  } satisfies UserStatesService;
});

export const layer: Layer.Layer<UserStates, unknown, Redis> = Layer.effect(UserStates, make);
