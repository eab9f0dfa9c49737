/** Who is forgotten in Redis, and what a hash of version 0.1.0 is read as. */
import { expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer, Stream } from "effect";
import * as Client from "../../layers/engines/redis/Client.ts";
import * as Redis from "../../layers/UserStates/Redis.ts";
import { itemSetOf, noItems } from "../../src/domain/ItemSet.ts";
import { noEvents, packEvents } from "../../src/domain/RecentEvents.ts";
import { nothingShown } from "../../src/domain/ShownItems.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { encodeInteractions } from "../../src/domain/UserStateCodec.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { type LoadedUser, loadedUsers } from "../support/LoadedUsers.ts";
import { redisServer } from "./servers.ts";

const loaded = (userIdx: number, userId: string, bought: ReadonlyArray<number>): LoadedUser => ({
  userIdx,
  userId,
  vector: Float32Array.of(1),
  interactions: [],
  bought: itemSetOf(bought),
  hidden: noItems,
  shown: nothingShown,
  recent: noEvents,
});

const day = 86_400_000;

it.scopedLive(
  "forgets in time who never bought anything, after the day for which retries are told, and nobody else",
  () =>
    Effect.gen(function* () {
      const { address } = yield* redisServer;
      const settings = ConfigProvider.fromMap(
        new Map([
          ["REDIS_URL", `redis://${address}`],
          ["REDIS_USER_TTL", "1 hour"],
        ]),
      );
      yield* Effect.gen(function* () {
        const states = yield* UserStates;
        const { connection } = yield* Client.Redis;
        const key = (userId: string) => `slipstream:m:1:user:${userId}`;
        const timeToLive = (userId: string) => Effect.promise(() => connection.pttl(key(userId)));
        const write = (userId: string, next: bigint, bought: UserState["bought"]) =>
          states.write("m", {
            slot: 0,
            next,
            users: [
              {
                userId,
                expected: next === 1n ? undefined : next - 1n,
                state: { ...emptyUserState, bought, next: new Map([[0, next]]) },
              },
            ],
            trend: undefined,
          });

        yield* states.load("m", Stream.make(loadedUsers([loaded(0, "buyer", [7]), loaded(1, "looker", [])])));
        expect(yield* timeToLive("buyer")).toBe(-1);
        expect(yield* timeToLive("looker")).toBeGreaterThan(day);
        yield* write("looker", 1n, noItems);
        yield* write("newcomer", 1n, noItems);
        expect(yield* timeToLive("looker")).toBeGreaterThan(day);
        expect(yield* timeToLive("newcomer")).toBeGreaterThan(day);
        yield* write("looker", 2n, itemSetOf([3]));
        expect(yield* timeToLive("looker")).toBe(-1);

        const interactions = [
          { itemIdx: 5, type: 2, time: 1e9 },
          { itemIdx: 6, type: 0, time: 1e9 },
        ];
        const mark = 1_764_022_800.25;
        yield* Effect.promise(() =>
          connection.hset(key("of version 0.1.0"), {
            interactions: Buffer.from(encodeInteractions(interactions)),
            marks: Buffer.from("AAAQhDZJ2kEFAAAAaToyOjI=", "base64"),
          }),
        );
        expect(yield* states.read("m", ["of version 0.1.0"])).toEqual([
          {
            ...emptyUserState,
            interactions,
            bought: itemSetOf([5]),
            recent: packEvents([{ id: -1, arrival: mark, time: mark, itemIdx: 2, type: 2, counted: true }]),
          },
        ]);
      }).pipe(
        Effect.provide(
          Redis.layer.pipe(Layer.provideMerge(Client.layer), Layer.provide(Layer.setConfigProvider(settings))),
        ),
      );
    }),
);
