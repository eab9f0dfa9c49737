/** ModelRegistry on Redis: one JSON document at `PREFIX:registry`, replaced by compare-and-set; changes by polling. */
import { Effect, Layer, Schedule, Schema, Stream } from "effect";
import {
  emptyRegistry,
  ModelRegistry,
  ModelRegistryError,
  type ModelRegistryService,
  RegistryState,
  unreadableRegistry,
} from "../../src/ports/ModelRegistry.ts";
import { Redis } from "../engines/redis/Client.ts";
import { makePolled } from "./Polled.ts";

const pollEvery = "500 millis";

const Document = Schema.parseJson(RegistryState);
const decode = Schema.decodeUnknown(Document);
const encode = Schema.encodeSync(Document);

/** KEYS: registry. ARGV: text expected ("" none), text to set. */
const swap = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`;

class Changed extends Schema.TaggedError<Changed>()("Changed", {}) {}

/** Of two writers one is through, so the other tries again at once; the way to Redis is pause enough. */
const retries = Schedule.recurs(100);

const make = Effect.gen(function* () {
  const { prefix, use } = yield* Redis;
  const alone = yield* Effect.makeSemaphore(1);
  const key = `${prefix}:registry`;
  const failed = (operation: ModelRegistryError["operation"]) => (error: { readonly message: string }) =>
    new ModelRegistryError({ operation, message: error.message, cause: error });
  const text = (operation: ModelRegistryError["operation"]) =>
    Effect.mapError(
      use((connection) => connection.get(key)),
      failed(operation),
    );
  const decoded = (operation: ModelRegistryError["operation"], found: string | null) =>
    found === null
      ? Effect.succeed(emptyRegistry)
      : Effect.mapError(decode(found), ({ message }) => unreadableRegistry(operation, message));

  const polled = yield* makePolled(text("changes"), pollEvery);

  return {
    state: Effect.flatMap(text("state"), (found) => decoded("state", found)),
    update: (change) =>
      Effect.gen(function* () {
        const found = yield* text("update");
        const [answer, next] = change(yield* decoded("update", found));
        const swapped = yield* use((connection) => connection.eval(swap, 1, key, found ?? "", encode(next))).pipe(
          Effect.mapError(failed("update")),
        );
        return swapped === 1 ? answer : yield* new Changed();
      }).pipe(
        Effect.retry({ schedule: retries, while: (error) => error._tag === "Changed" }),
        alone.withPermits(1),
        Effect.zipLeft(polled.notify),
        Effect.catchTag("Changed", failed("update")),
      ),
    changes: Stream.mapEffect(polled.changes, (found) => decoded("changes", found)),
  } satisfies ModelRegistryService;
});

export const layer: Layer.Layer<ModelRegistry, never, Redis> = Layer.scoped(ModelRegistry, make);
