/**
 * UserStates on Redis or Valkey: one hash per user and model, `PREFIX:MODEL:GENERATION:user:ID`, with the fields vector
 * (f32, little-endian), interactions, marks, bought and next:SLOT (the offset of the next event to apply). A hash
 * without the field bought is of version 0.1.0: the purchases among its interactions are what it knows of them.
 *
 * A batch is read in one round trip and written in one: each user by a compare-and-set script on its own key, after the
 * slot's trend, which is the gate of the batch. The position moves when all of it is written. What a load writes
 * becomes readable in one step, by the model's generation.
 */
import { Duration, Effect, Layer, Stream } from "effect";
import { redis } from "../../src/config/ServerSettings.ts";
import { type AppliedLog, decodeLogs, encodeLogs, slotsOf, withLog } from "../../src/domain/AppliedLogs.ts";
import { decodeItemSet, encodeItemSet } from "../../src/domain/ItemSet.ts";
import { type LoadedUser, purchasesOf, type UserState } from "../../src/domain/UserState.ts";
import {
  decodeInteractions,
  decodeMarks,
  decodeVector,
  encodeInteractions,
  encodeMarks,
  encodeVector,
} from "../../src/domain/UserStateCodec.ts";
import { trendKey, UserStates, UserStatesError, type UserStatesService } from "../../src/ports/UserStates.ts";
import { type Connection, Redis, RedisError } from "../Redis/Client.ts";
import { removeByPrefix } from "../Redis/Scan.ts";
import { movePosition, swapText, writeTrend, writeUser } from "./RedisScripts.ts";
import { decodeTrend, encodeTrend } from "./TrendCodec.ts";

type Operation = UserStatesError["operation"];
type Argument = string | number | Uint8Array;

/** The model's logs, and as they are stored: "" where they are not. */
interface LogsText {
  readonly text: string;
  readonly logs: ReadonlyArray<AppliedLog> | undefined;
}

/** Users written at a time by a load, and how many such batches are under way. */
const loadBatch = 500;
const loadsAtOnce = 4;
/** Ids in one hash of the index, which keeps it in Redis's compact form. */
const indexBucket = 256;

const failed = (operation: Operation) => (error: RedisError) =>
  new UserStatesError({ operation, message: error.message, cause: error });

const damaged = (operation: Operation, model: string, what: string) =>
  new UserStatesError({
    operation,
    message: `the stored ${what} of model ${model} cannot be decoded: load the model again`,
  });

/** An offset in decimal; undefined for anything else. */
const decodeOffset = (bytes: Buffer): bigint | undefined => {
  const text = bytes.toString("latin1");
  return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
};

const partitionOf = (field: string): number | undefined => {
  const number = /^next:(\d{1,10})$/.exec(field)?.[1];
  return number === undefined ? undefined : Number(number);
};

const bytesOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The state of a user's hash: undefined for no hash, null for one that cannot be decoded. */
const stateOf = (fields: Readonly<Record<string, Buffer>>): UserState | undefined | null => {
  const entries = Object.entries(fields);
  if (entries.length === 0) return undefined;
  const interactions = decodeInteractions(fields.interactions ?? new Uint8Array());
  const marks = decodeMarks(fields.marks ?? new Uint8Array());
  const vector = fields.vector === undefined ? undefined : decodeVector(fields.vector);
  if (interactions === undefined || marks === undefined || (fields.vector !== undefined && vector === undefined)) {
    return null;
  }
  const bought = fields.bought === undefined ? purchasesOf(interactions) : decodeItemSet(fields.bought);
  if (bought === undefined) return null;
  const next = new Map<number, bigint>();
  for (const [field, value] of entries) {
    if (!field.startsWith("next:")) continue;
    const partition = partitionOf(field);
    const offset = decodeOffset(value);
    if (partition === undefined || offset === undefined) return null;
    next.set(partition, offset);
  }
  return { vector, interactions, bought, marks, next };
};

const evaluate = (connection: Connection, script: string, key: string, ...args: ReadonlyArray<Argument>) =>
  connection.eval(script, 1, key, ...args.map((arg) => (arg instanceof Uint8Array ? bytesOf(arg) : arg)));

const make = Effect.gen(function* () {
  const { connection, prefix, use } = yield* Redis;
  const ttl = String(Duration.toMillis(yield* redis.userTtl.config));
  /** What this process last knew; checked with every read and write. */
  const known = new Map<string, string>();

  const generationKey = (model: string) => `${prefix}:${model}:generation`;
  const base = (model: string, generation: string) => `${prefix}:${model}:${generation}`;
  const userKey = (model: string, generation: string, userId: string) => `${base(model, generation)}:user:${userId}`;
  /** Version 0.1 knew of one log, whose slots are its partitions. */
  const slotKey = (model: string, generation: string, slot: number) => `${base(model, generation)}:partition:${slot}`;
  const logsKey = (model: string, generation: string) => `${base(model, generation)}:logs`;
  const indexKey = (model: string, generation: string, userIdx: number) =>
    `${base(model, generation)}:index:${Math.floor(userIdx / indexBucket)}`;

  /** Runs commands under the generation last known, and again where it proves to be another. "" stands for none. */
  const under = <A>(model: string, commands: (connection: Connection, generation: string) => Promise<A>) =>
    use(async (connection) => {
      while (true) {
        const generation = known.get(model) ?? "";
        const [current, answer] = await Promise.all([
          connection.get(generationKey(model)),
          generation === "" ? undefined : commands(connection, generation),
        ]);
        if ((current ?? "") === generation) {
          return generation === "" ? undefined : { answer: answer as A, generation };
        }
        if (current === null) known.delete(model);
        else known.set(model, current);
      }
    });

  const newGeneration = (connection: Connection) => connection.incr(`${prefix}:generations`).then(String);

  const loadUsers = <E, R>(model: string, generation: string, users: Stream.Stream<ReadonlyArray<LoadedUser>, E, R>) =>
    users.pipe(
      Stream.flatMap(Stream.fromIterable),
      Stream.grouped(loadBatch),
      Stream.mapEffect(
        (batch) =>
          use((connection) =>
            Promise.all(
              [...batch].map(async ({ bought, interactions, userId, userIdx, vector }) => {
                const key = userKey(model, generation, userId);
                const written = connection.hset(key, {
                  interactions: bytesOf(encodeInteractions(interactions)),
                  bought: bytesOf(encodeItemSet(bought)),
                  ...(vector === undefined ? {} : { vector: bytesOf(encodeVector(vector)) }),
                });
                const expiring = ttl === "0" || bought.length > 0 ? undefined : connection.pexpire(key, ttl);
                const indexed = connection.hset(indexKey(model, generation, userIdx), String(userIdx), userId);
                await Promise.all([written, expiring, indexed]);
              }),
            ),
          ).pipe(Effect.mapError(failed("load")), Effect.as(batch.length)),
        { concurrency: loadsAtOnce },
      ),
      Stream.runSum,
    );

  const load: UserStatesService["load"] = (model, users) =>
    Effect.gen(function* () {
      const before = (yield* use((connection) => connection.get(generationKey(model)))) ?? "";
      const generation = yield* use(newGeneration);
      const tidy = (old: string) =>
        old === "" ? Effect.void : Effect.ignore(removeByPrefix(connection, use, `${base(model, old)}:`));
      return yield* Effect.gen(function* () {
        yield* use((connection) => connection.set(logsKey(model, generation), encodeLogs([])));
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

  const read: UserStatesService["read"] = (model, userIds) =>
    under(model, (connection, generation) =>
      Promise.all(userIds.map((userId) => connection.hgetallBuffer(userKey(model, generation, userId)))),
    ).pipe(
      Effect.mapError(failed("read")),
      Effect.flatMap((found) =>
        Effect.forEach(userIds, (userId, i) => {
          const state = found === undefined ? undefined : stateOf(found.answer[i]);
          return state === null ? damaged("read", model, `state of user ${userId}`) : Effect.succeed(state);
        }),
      ),
    );

  /** Writes into a model that was never loaded make it exist; answers whether they did. */
  const ensureGeneration = (model: string) =>
    use(async (connection) => {
      if (known.has(model)) return false;
      if ((await connection.get(generationKey(model))) !== null) return false;
      return (await connection.setnx(generationKey(model), await newGeneration(connection))) === 1;
    });

  const write: UserStatesService["write"] = (model, { next, slot, trend, users }) =>
    Effect.gen(function* () {
      yield* ensureGeneration(model);
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
              ),
            );
      if (gate?.answer !== 1) return [trendKey];
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
              encodeMarks(state.marks),
              encodeItemSet(state.bought),
            ),
          ),
        ),
      );
      const conflicts = users.filter((_, i) => written?.answer[i] !== 1).map(({ userId }) => userId);
      if (conflicts.length === 0) {
        yield* under(model, (connection, generation) =>
          evaluate(connection, movePosition, slotKey(model, generation, slot), String(next)),
        );
      }
      return conflicts;
    }).pipe(Effect.mapError(failed("write")));

  const ofSlot = <A>(
    field: "position" | "trend",
    model: string,
    slot: number,
    decode: (bytes: Buffer) => A | undefined,
  ): Effect.Effect<A | undefined, UserStatesError> =>
    under(model, (connection, generation) => connection.hgetBuffer(slotKey(model, generation, slot), field)).pipe(
      Effect.mapError(failed(field)),
      Effect.flatMap((found) => {
        const bytes = found?.answer ?? undefined;
        if (bytes === undefined) return Effect.succeed(undefined);
        const decoded = decode(bytes);
        return decoded === undefined ? damaged(field, model, `${field} of slot ${slot}`) : Effect.succeed(decoded);
      }),
    );

  const logsText = (model: string) =>
    under(model, (connection, generation) => connection.get(logsKey(model, generation))).pipe(
      Effect.mapError(failed("logs")),
      Effect.flatMap((found) => {
        const text = found?.answer ?? "";
        if (text === "") return Effect.succeed<LogsText>({ text, logs: found === undefined ? [] : undefined });
        const logs = decodeLogs(text);
        return logs === undefined ? damaged("logs", model, "list of logs") : Effect.succeed<LogsText>({ text, logs });
      }),
    );

  const addLog: UserStatesService["addLog"] = (model, log, unnamed) =>
    Effect.gen(function* () {
      const isNew = yield* Effect.mapError(ensureGeneration(model), failed("logs"));
      while (true) {
        const { logs, text } = yield* logsText(model);
        const all = withLog(isNew ? (logs ?? []) : logs, log, unnamed);
        const wanted = encodeLogs(all);
        if (wanted === text) return all;
        const swapped = yield* under(model, (connection, generation) =>
          evaluate(connection, swapText, logsKey(model, generation), text, wanted),
        ).pipe(Effect.mapError(failed("logs")));
        if (swapped?.answer === 1) return all;
      }
    });

  const trends: UserStatesService["trends"] = (model, partitions) =>
    Effect.gen(function* () {
      const { logs } = yield* logsText(model);
      const slots = slotsOf(logs ?? [{ identity: "", partitions }]);
      const found = yield* Effect.forEach(slots, (slot) => ofSlot("trend", model, slot, decodeTrend), {
        concurrency: "unbounded",
      });
      return found.filter((trend) => trend !== undefined);
    });

  return {
    load,
    read,
    write,
    position: (model, slot) => ofSlot("position", model, slot, decodeOffset),
    trend: (model, slot) => ofSlot("trend", model, slot, decodeTrend),
    trends,
    logs: (model) => Effect.map(logsText(model), ({ logs }) => logs),
    addLog,
    userIdsOf: (model, indices) =>
      under(model, (connection, generation) =>
        Promise.all(indices.map((userIdx) => connection.hget(indexKey(model, generation, userIdx), String(userIdx)))),
      ).pipe(
        Effect.mapError(failed("userIdsOf")),
        Effect.map((found) => indices.map((_, i) => found?.answer[i] ?? undefined)),
      ),
    drop: (model) =>
      use((connection) => connection.unlink(generationKey(model))).pipe(
        Effect.zipRight(Effect.sync(() => known.delete(model))),
        Effect.zipRight(removeByPrefix(connection, use, `${prefix}:${model}:`)),
        Effect.mapError(failed("drop")),
      ),
  } satisfies UserStatesService;
});

export const layer: Layer.Layer<UserStates, unknown, Redis> = Layer.effect(UserStates, make);
