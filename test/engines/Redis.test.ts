/** What the ports promise, of real Redis. */
import { Clock, ConfigProvider, Effect, Layer } from "effect";
import * as Catalogue from "../../layers/Catalogue/Redis.ts";
import * as Client from "../../layers/engines/redis/Client.ts";
import * as Forgotten from "../../layers/Forgotten/Redis.ts";
import * as ModelRegistry from "../../layers/ModelRegistry/Redis.ts";
import * as Popular from "../../layers/Popular/Redis.ts";
import * as UserStates from "../../layers/UserStates/Redis.ts";
import { catalogueContract } from "../contracts/Catalogue.ts";
import { forgottenContract } from "../contracts/Forgotten.ts";
import { modelRegistryContract } from "../contracts/ModelRegistry.ts";
import { popularContract } from "../contracts/Popular.ts";
import { userStatesContract } from "../contracts/UserStates.ts";
import { redisCluster, redisServer } from "./servers.ts";

/** A server of its own; it starts on real time, whatever the test's clock. */
const client = (server: typeof redisServer, cluster: boolean) =>
  Layer.unwrapScoped(
    Effect.map(Effect.withClock(server, Clock.make()), ({ address }) =>
      Layer.provide(
        Client.layer,
        Layer.setConfigProvider(
          ConfigProvider.fromMap(
            new Map([
              ["REDIS_URL", `redis://${address}`],
              ["REDIS_CLUSTER", String(cluster)],
            ]),
          ),
        ),
      ),
    ),
  );

/** Changes a key of the model's generation. */
const onKey =
  (key: string, change: (connection: Client.Connection, key: string) => Promise<unknown>) => (model: string) =>
    Effect.flatMap(Client.Redis, ({ connection, prefix }) =>
      Effect.promise(async () => {
        const generation = await connection.get(`${prefix}:${model}:generation`);
        await change(connection, `${prefix}:${model}:${generation}:${key}`);
      }),
    );

/** Sets a field of a hash of the model's generation. */
const spoil = (key: string, field: string, value: string) =>
  onKey(key, (connection, name) => connection.hset(name, field, value));

const put = (key: string) => (text: string) =>
  Effect.flatMap(Client.Redis, ({ connection, prefix }) =>
    Effect.promise(() => connection.set(`${prefix}:${key}`, text)),
  );

/** Cuts the end of an item's record off. */
const cut = (itemId: string) =>
  Effect.flatMap(Client.Redis, ({ connection, prefix }) =>
    Effect.promise(async () => {
      const key = `${prefix}:{catalogue}:items`;
      await connection.hset(key, itemId, (await connection.hget(key, itemId))!.slice(0, -1));
    }),
  );

for (const [name, layer] of [
  ["redis", client(redisServer, false)],
  ["redis cluster", client(redisCluster, true)],
] as const) {
  userStatesContract(name, () => Layer.provideMerge(UserStates.layer, layer), {
    state: [
      spoil("user:shopper-0", "vector", "odd"),
      spoil("user:shopper-0", "interactions", "odd"),
      spoil("user:shopper-0", "recent", "odd"),
      spoil("user:shopper-0", "bought", "\u0080"),
      spoil("user:shopper-0", "next:0", "soon"),
      spoil("user:shopper-0", "next:here", "1"),
      onKey("user:shopper-0", (connection, key) => connection.set(key, "of another type")),
    ],
    position: [spoil("partition:0", "position", "soon"), spoil("partition:0", "position", "-1")],
    trend: [spoil("partition:0", "trend", "odd"), spoil("partition:0", "trend", "")],
    followers: [
      spoil("partition:0", "followersNext", "soon"),
      spoil("partition:0", "followers", "odd"),
      onKey("partition:0", (connection, key) => connection.hdel(key, "followers")),
      spoil("partition:0", "journal", "some"),
      spoil("partition:0", "journal", "2"),
      onKey("partition:0", (connection, key) => connection.hdel(key, "journal:1")),
      spoil("partition:0", "journal:1", "odd"),
    ],
    itemTrends: [
      onKey("itemTrends", (connection, key) => connection.set(key, "some")),
      onKey("itemTrends", (connection, key) => connection.set(key, "2")),
      onKey("itemTrends:0", (connection, key) => connection.del(key)),
      onKey("itemTrends:0", (connection, key) => connection.set(key, "odd")),
    ],
    logs: [onKey("logs", (connection, key) => connection.set(key, "odd"))],
    unnamed: onKey("logs", (connection, key) => connection.del(key)),
    // Any text is an id.
    id: [],
  });
  modelRegistryContract(name, () => Layer.provideMerge(ModelRegistry.layer, layer), put("registry"));
  catalogueContract(name, () => layer, Catalogue.layer, cut);
  forgottenContract(
    name,
    () => Layer.provideMerge(Forgotten.layer, layer),
    (hash, text) =>
      Effect.flatMap(Client.Redis, ({ connection, prefix }) =>
        Effect.promise(() => connection.hset(`${prefix}:forgotten`, hash, text)),
      ),
  );
  popularContract(name, () => Layer.provideMerge(Popular.layer, layer), put("popular"));
}
