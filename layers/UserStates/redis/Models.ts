/**
 * Models: the keys of a model in Redis. All of them but one bear the model's generation, a number that no load used
 * before: what a load writes becomes readable in one step, and every command runs under the generation that is read.
 */
import { Effect } from "effect";
import { UserStatesError } from "../../../src/ports/UserStates.ts";
import { type Connection, Redis, type RedisError } from "../../engines/redis/Client.ts";
import { removeByPrefix } from "../../engines/redis/Scan.ts";

type Operation = UserStatesError["operation"];
type Argument = string | number | Uint8Array;

/** Ids in one hash of the index, which keeps it in Redis's compact form. */
export const indexBucket = 256;

export const failed = (operation: Operation) => (error: RedisError) =>
  new UserStatesError({ operation, message: error.message, cause: error });

export const damaged = (operation: Operation, model: string, what: string) =>
  new UserStatesError({
    operation,
    message: `the stored ${what} of model ${model} cannot be decoded: run the batch, which makes a model anew`,
  });

/** For how long it is kept in mind that a model was removed: longer than anybody goes on writing to it. */
const rememberedMillis = 86_400_000;

export const removed = (operation: Operation, model: string) =>
  new UserStatesError({ operation, message: `model ${model} was removed: load it before anything is written to it` });

export const bytesOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const evaluate = (connection: Connection, script: string, key: string, ...args: ReadonlyArray<Argument>) =>
  connection.eval(script, 1, key, ...args.map((arg) => (arg instanceof Uint8Array ? bytesOf(arg) : arg)));

/** As `evaluate`, for a script that answers bytes: the client has this variant, though its types do not name it. */
export const evaluateBytes = (connection: Connection, script: string, key: string, ...args: ReadonlyArray<Argument>) =>
  (
    connection as unknown as {
      readonly evalBuffer: (
        script: string,
        keys: 1,
        ...args: ReadonlyArray<Argument>
      ) => Promise<ReadonlyArray<Buffer>>;
    }
  ).evalBuffer(script, 1, key, ...args);

export type RedisModels = Effect.Effect.Success<typeof makeRedisModels>;

export const makeRedisModels = Effect.gen(function* () {
  const { connection, prefix, use } = yield* Redis;
  /** What this process last knew; checked with every read and write. */
  const known = new Map<string, string>();

  const generationKey = (model: string) => `${prefix}:${model}:generation`;
  const removedKey = (model: string) => `${prefix}:removed:${model}`;
  const base = (model: string, generation: string) => `${prefix}:${model}:${generation}`;
  const newGeneration = (connection: Connection) => connection.incr(`${prefix}:generations`).then(String);

  return {
    generationKey,
    /** Stands for a while where a model was: so who still writes to it does not make it anew. */
    removedKey,
    /** Begins every key of the generation. */
    base,
    userKey: (model: string, generation: string, userId: string) => `${base(model, generation)}:user:${userId}`,
    /** Version 0.1 knew of one log, whose slots are its partitions. */
    slotKey: (model: string, generation: string, slot: number) => `${base(model, generation)}:partition:${slot}`,
    logsKey: (model: string, generation: string) => `${base(model, generation)}:logs`,
    indexKey: (model: string, generation: string, userIdx: number) =>
      `${base(model, generation)}:index:${Math.floor(userIdx / indexBucket)}`,
    newGeneration,
    /** Runs commands under the generation last known, and again where it proves to be another; undefined: there is none. */
    under: <A>(model: string, commands: (connection: Connection, generation: string) => Promise<A>) =>
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
      }),
    /** Writes into a model that was never loaded make it exist; answers whether they did. Fails where it was removed. */
    ensure: (operation: Operation, model: string) =>
      use(async (connection) => {
        if (known.has(model)) return false;
        if ((await connection.get(generationKey(model))) !== null) return false;
        if ((await connection.exists(removedKey(model))) === 1) return "removed" as const;
        const isNew = (await connection.setnx(generationKey(model), await newGeneration(connection))) === 1;
        // Asked again: it may have been removed between the two.
        if (!isNew || (await connection.exists(removedKey(model))) === 0) return isNew;
        await connection.unlink(generationKey(model));
        return "removed" as const;
      }).pipe(
        Effect.mapError(failed(operation)),
        Effect.filterOrFail(
          (isNew) => isNew !== "removed",
          () => removed(operation, model),
        ),
      ),
    drop: (model: string) =>
      use(async (connection) => {
        await connection.set(removedKey(model), "", "PX", rememberedMillis);
        await connection.unlink(generationKey(model));
      }).pipe(
        Effect.zipRight(Effect.sync(() => known.delete(model))),
        Effect.zipRight(removeByPrefix(connection, use, `${prefix}:${model}:`)),
      ),
  };
});
