/** A catalogue in Redis that lost what it had acknowledged, as a Redis without `appendfsync always` may: it is told, and read anew. */
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Context, Effect, Layer, Schedule } from "effect";
import * as RedisCatalogue from "../../layers/Catalogue/Redis.ts";
import * as Client from "../../layers/engines/redis/Client.ts";
import { LiveCatalogue } from "../../src/catalogue/LiveCatalogue.ts";
import { Catalogue, type ItemChange } from "../../src/ports/Catalogue.ts";
import { redisServer } from "./servers.ts";

const put = (itemId: string, title: string): ItemChange => ({ itemId, kind: "replace", fields: { title } });

/** Another process on the same Redis. */
const start = Effect.map(
  Layer.build(Layer.fresh(Layer.provide(LiveCatalogue.layer, RedisCatalogue.layer))),
  (context) => Context.get(context, LiveCatalogue),
);

const soon = { times: 100, schedule: Schedule.spaced("50 millis") };

const seen = (check: () => boolean) =>
  Effect.suspend(() => (check() ? Effect.void : Effect.fail("not seen in time"))).pipe(Effect.retry(soon));

const parts = ["items", "ids", "changes"];

describe("a catalogue in Redis that lost changes", () => {
  it.scopedLive(
    "is read anew by every process, and takes changes again",
    () =>
      Effect.gen(function* () {
        const { address } = yield* redisServer;
        const settings = ConfigProvider.fromMap(new Map([["REDIS_URL", `redis://${address}`]]));
        yield* Effect.gen(function* () {
          const { connection, prefix } = yield* Client.Redis;
          const onParts = (each: (key: string) => Promise<unknown>) =>
            Effect.promise(() => Promise.all(parts.map((part) => each(`${prefix}:{catalogue}:${part}`))));
          const [here, there] = [yield* start, yield* start];
          yield* here.change([put("a", "old"), put("b", "old")]);
          yield* onParts((key) => connection.copy(key, `${key}:before`));
          yield* here.change([put("a", "lost")]);
          yield* here.change([put("c", "lost")]);
          yield* seen(() => there.itemOf(0)?.title === "lost" && there.idxOf("c") === 2);

          // As many changes as were lost: the numbers alone do not tell.
          yield* onParts((key) => connection.rename(`${key}:before`, key));
          yield* onParts((key) => connection.copy(key, `${key}:before`));
          const third = yield* start;
          yield* third.change([put("d", "new")]);
          yield* third.change([put("b", "new")]);
          for (const live of [here, there, third]) {
            yield* seen(() => live.itemOf(0)?.title === "old" && live.idxOf("c") === undefined);
            yield* seen(() => live.itemOf(1)?.title === "new" && live.idOf(2) === "d");
          }
          yield* Effect.retry(here.change([put("e", "new")]), soon);
          yield* seen(() => there.idOf(3) === "e");

          // Nothing is left. One that follows no changes never learns of that, and so refuses its own.
          const alone = Context.get(yield* Layer.build(Layer.fresh(RedisCatalogue.layer)), Catalogue);
          yield* alone.change([put("a", "older")]);
          yield* onParts((key) => connection.del(key));
          expect((yield* Effect.flip(alone.change([put("f", "new")]))).message).toContain("lost changes");
          const [again] = yield* Effect.retry(here.change([put("f", "new")]), soon);
          expect(again?.itemIdx).toBe(0);
          for (const live of [here, there, third]) {
            yield* seen(() => live.idOf(0) === "f" && live.idOf(1) === undefined && live.idxOf("a") === undefined);
          }
        }).pipe(Effect.provide(Layer.provide(Client.layer, Layer.setConfigProvider(settings))));
      }),
    120_000,
  );
});
