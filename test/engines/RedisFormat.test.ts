import { expect, it } from "@effect/vitest";
import { ConfigProvider, Effect } from "effect";
import * as Client from "../../layers/engines/redis/Client.ts";
import { formats, stampOf } from "../../layers/Format.ts";
import { redisServer } from "./servers.ts";

it.scopedLive("stamps a Redis at its first use, and refuses one of a later version at once", () =>
  Effect.gen(function* () {
    const { address } = yield* redisServer;
    const settings = new Map([
      ["REDIS_URL", `redis://${address}`],
      ["REDIS_PREFIX", "shop"],
    ]);
    const using = <A>(run: (connection: Client.Connection) => Promise<A>) =>
      Effect.flatMap(Client.Redis, ({ use }) => use(run)).pipe(
        Effect.provide(Client.layer),
        Effect.withConfigProvider(ConfigProvider.fromMap(settings)),
      );
    expect(yield* using((connection) => connection.get("shop:format"))).toBe(stampOf(formats.redis));
    expect(yield* using((connection) => connection.get("shop:format"))).toBe(stampOf(formats.redis));

    const newer = JSON.stringify({ format: formats.redis + 1, writtenBy: "9.8.7" });
    yield* using((connection) => connection.set("shop:format", newer));
    const error = yield* Effect.flip(using((connection) => connection.get("anything")));
    expect(error).toMatchObject({ _tag: "FormatError" });
    expect(error.message).toContain("shop:format in Redis at 127.0.0.1");
    expect(error.message).toContain("start version 9.8.7 or a later one, or set REDIS_PREFIX");
  }),
);
