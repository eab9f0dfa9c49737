/** What a client sees of a Redis that hangs, and of one that is gone: what is known to be away is sent nothing. */
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer } from "effect";
import { layer, Redis } from "../../layers/engines/redis/Client.ts";
import { redisServer } from "./servers.ts";

describe.each(["hangs", "is gone"])("a Redis that %s", (how) => {
  it.scopedLive(
    "fails what is asked before and meanwhile, is sent none of what is asked meanwhile, and is back by itself",
    () =>
      Effect.gen(function* () {
        const server = yield* redisServer;
        const settings = ConfigProvider.fromMap(new Map([["REDIS_URL", `redis://${server.address}`]]));
        yield* Effect.gen(function* () {
          const { use } = yield* Redis;
          const set = (key: string) => use((connection) => connection.set(key, "set"));
          const get = (key: string) => use((connection) => connection.get(key));
          yield* set("before");
          yield* how === "hangs" ? server.pause : server.kill;
          const first = yield* Effect.flip(get("before"));
          expect(first.reason).toBe("Away");
          const meanwhile = yield* Effect.flip(Effect.all(["a", "b", "c"].map(set), { concurrency: "unbounded" }));
          expect(meanwhile.reason).toBe("Away");
          expect(meanwhile.message).toMatch(/away for \d+ s/);
          yield* how === "hangs" ? server.resume : server.start;
          expect(yield* Effect.eventually(get("before"))).toBe("set");
          expect(yield* Effect.forEach(["a", "b", "c"], get)).toEqual([null, null, null]);
        }).pipe(Effect.provide(layer), Effect.provide(Layer.setConfigProvider(settings)));
      }),
    60_000,
  );
});
