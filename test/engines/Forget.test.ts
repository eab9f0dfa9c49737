/** A shopper forgotten over real Kafka and Redis. */
import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { Redis } from "ioredis";
import { anna, forgetsEverywhere } from "../e2e/forgetting.ts";
import { temporaryFolder } from "../e2e/process.ts";
import { kafkaBroker, redisServer } from "./servers.ts";

/** The keys that have the id in their name or in what they hold. */
const keysWith = async (address: string, id: string): Promise<ReadonlyArray<string>> => {
  const redis = new Redis(`redis://${address}`);
  try {
    const found: Array<string> = [];
    for (const key of await redis.keys("*")) {
      const dump = (await redis.dumpBuffer(key)) ?? Buffer.alloc(0);
      const fields = (await redis.type(key)) === "hash" ? JSON.stringify(await redis.hgetall(key)) : "";
      if (key.includes(id) || dump.includes(id) || fields.includes(id)) found.push(key);
    }
    return found;
  } finally {
    redis.disconnect();
  }
};

it.live(
  "forgets a shopper over Kafka and Redis, where no key names them any more",
  () =>
    Effect.gen(function* () {
      const [folder, broker, redis] = yield* Effect.all(
        [
          Effect.acquireRelease(Effect.sync(temporaryFolder), ({ remove }) => Effect.sync(remove)),
          kafkaBroker,
          redisServer,
        ],
        { concurrency: "unbounded" },
      );
      const stores = {
        KAFKA_BROKERS: broker.address,
        KAFKA_HEARTBEAT: "300 millis",
        REDIS_URL: `redis://${redis.address}`,
      };
      yield* Effect.promise(() => forgetsEverywhere(folder.path, stores, () => keysWith(redis.address, anna)));
      expect(yield* Effect.promise(() => keysWith(redis.address, anna))).toEqual([]);
    }).pipe(Effect.scoped),
  400_000,
);
