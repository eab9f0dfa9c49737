/** What the ports promise, of real Redis. */
import { Clock, ConfigProvider, Effect, Layer } from "effect";
import * as ModelRegistry from "../../layers/ModelRegistry/Redis.ts";
import * as Popular from "../../layers/Popular/Redis.ts";
import * as Client from "../../layers/Redis/Client.ts";
import * as UserStates from "../../layers/UserStates/Redis.ts";
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

for (const [name, layer] of [
  ["redis", client(redisServer, false)],
  ["redis cluster", client(redisCluster, true)],
] as const) {
  userStatesContract(name, () => Layer.provide(UserStates.layer, layer));
  modelRegistryContract(name, () => Layer.provide(ModelRegistry.layer, layer));
  popularContract(name, () => Layer.provide(Popular.layer, layer));
}
