/** Forgotten on Redis: a hash `PREFIX:forgotten`, a tombstone per field; the salt beside it, at `PREFIX:forgotten:salt`. */
import { randomBytes } from "node:crypto";
import { Data, Effect, Layer, Schedule } from "effect";
import { Forgotten, ForgottenError, type ForgottenService } from "../../src/ports/Forgotten.ts";
import { Redis, type RedisError } from "../engines/redis/Client.ts";
import { decodeTombstone, encodeTombstone } from "./Text.ts";

/** KEYS: tombstones. ARGV: hash, text expected ("" none), text to set. */
const swap = `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`;

class Changed extends Data.TaggedError("Changed") {}

const unavailable = (cause: RedisError | Changed) =>
  new ForgottenError({
    reason: "Unavailable",
    message: cause._tag === "Changed" ? "others keep changing the tombstone in Redis" : cause.message,
    cause,
  });

const make = Effect.map(Redis, ({ prefix, use }): ForgottenService => {
  const key = `${prefix}:forgotten`;
  const textOf = (hash: string) => use((connection) => connection.hget(key, hash));
  const decoded = (hash: string, text: string | null) =>
    text === null ? Effect.succeed(undefined) : decodeTombstone(hash, text);
  return {
    salt: use(async (connection) => {
      await connection.setnx(`${key}:salt`, randomBytes(32).toString("hex"));
      return (await connection.get(`${key}:salt`)) ?? "";
    }).pipe(Effect.mapError(unavailable)),
    find: (hash) => Effect.flatMap(Effect.mapError(textOf(hash), unavailable), (text) => decoded(hash, text)),
    change: (hash, change) =>
      Effect.gen(function* () {
        const text = yield* textOf(hash);
        const next = change(yield* decoded(hash, text));
        const swapped = yield* use((connection) =>
          connection.eval(swap, 1, key, hash, text ?? "", encodeTombstone(next)),
        );
        return swapped === 1 ? next : yield* new Changed();
      }).pipe(
        Effect.retry({ schedule: Schedule.recurs(100), while: (error) => error._tag === "Changed" }),
        Effect.mapError((error) => (error._tag === "ForgottenError" ? error : unavailable(error))),
      ),
    all: use((connection) => connection.hgetall(key)).pipe(
      Effect.mapError(unavailable),
      Effect.flatMap((found) => Effect.forEach(Object.entries(found), ([hash, text]) => decodeTombstone(hash, text))),
    ),
  };
});

export const layer: Layer.Layer<Forgotten, never, Redis> = Layer.effect(Forgotten, make);
