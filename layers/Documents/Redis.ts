/** Documents on Redis: JSON at `PREFIX:NAME`, changed by compare-and-set; changes by polling. */
import { Data, Effect, Layer, Schedule, Stream } from "effect";
import { Redis } from "../engines/redis/Client.ts";
import { Documents, type DocumentsService, textOf, unavailable } from "./Documents.ts";
import { makePolled } from "./Polled.ts";

const pollEvery = "500 millis";

/** KEYS: document. ARGV: text expected ("" none), text to set. */
const swap = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`;

class Changed extends Data.TaggedError("Changed")<{ readonly message: string }> {}

/** Of two writers one is through, so the other tries again at once; the way to Redis is pause enough. */
const retries = Schedule.recurs(100);

export const layer: Layer.Layer<Documents, never, Redis> = Layer.effect(
  Documents,
  Effect.map(
    Redis,
    ({ prefix, use }): DocumentsService => ({
      open: (name, schema) =>
        Effect.gen(function* () {
          const key = `${prefix}:${name}`;
          const { decode, encode } = textOf(schema);
          const alone = yield* Effect.makeSemaphore(1);
          const stored = use(async (connection) => (await connection.get(key)) ?? undefined).pipe(
            Effect.mapError(unavailable),
          );
          const polled = yield* makePolled(stored, pollEvery);
          return {
            get: Effect.flatMap(stored, decode),
            put: (value) =>
              use((connection) => connection.set(key, encode(value))).pipe(
                Effect.mapError(unavailable),
                Effect.zipRight(polled.notify),
              ),
            update: (change) =>
              Effect.gen(function* () {
                const found = yield* stored;
                const [answer, next] = change(yield* decode(found));
                const swapped = yield* use((connection) =>
                  connection.eval(swap, 1, key, found ?? "", encode(next)),
                ).pipe(Effect.mapError(unavailable));
                return swapped === 1 ? answer : yield* new Changed({ message: `others keep changing ${key} in Redis` });
              }).pipe(
                Effect.retry({ schedule: retries, while: (error) => error._tag === "Changed" }),
                alone.withPermits(1),
                Effect.zipLeft(polled.notify),
                Effect.catchTag("Changed", unavailable),
              ),
            changes: Stream.mapEffect(polled.changes, decode),
          };
        }),
    }),
  ),
);
