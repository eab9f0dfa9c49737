/** How an updater keeps its counts of followers in the store. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer } from "effect";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { snapshotBytes } from "../../src/domain/FollowerCounts.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { countEvents, liveFollowersOf, makeLiveFollowers, snapshotOf } from "../../src/learning/LiveFollowers.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import type { LogRecord } from "../../src/ports/EventLog.ts";
import { UserStates, type UserStatesService } from "../../src/ports/UserStates.ts";
import { openCounts } from "../../src/stream/StoredCounts.ts";
import { updater } from "../../src/stream/Updater.ts";
import { packed } from "../support/FollowerEvents.ts";
import { Faults, MemoryLetters, MemoryStates } from "../support/MemoryStores.ts";

const items = {
  rank: 2,
  itemIdx: Uint32Array.of(7, 9),
  vectors: Float32Array.of(1, 0, 0, 1),
  rowOf: (id: string) => ({ a: 0, b: 1 })[id],
  rowOfIdx: (idx: number) => ({ 7: 0, 9: 1 })[idx],
};
const record = (offset: bigint, itemId: string): LogRecord => ({
  offset,
  appendedAt: 1_600_000_000,
  value: encodeEvent({
    eventId: `e-${offset}`,
    userId: "u",
    itemId,
    eventType: "click",
    timestamp: 1_600_000_000 + Number(offset),
    quantity: 1,
  }),
});

const updaterOn = (states: UserStatesService) =>
  updater({
    model: "m",
    group: "updater-m",
    standing: Effect.succeed({ identity: "log", number: 0, start: () => 0n }),
    items,
    learner: makeEma(items, { rate: 0.2 }),
    types: defaultEventTypes,
    debounceSeconds: 300,
    halfLife: 86_400,
  }).pipe(
    Effect.provide(
      Layer.merge(Layer.succeed(UserStates, states), Layer.succeed(DeadLetters, new MemoryLetters().service)),
    ),
    Effect.flatMap(({ open }) => open(0)),
  );

describe("what an event followed", () => {
  it.live("is counted as it was, also where another updater writes between two reads", () =>
    Effect.gen(function* () {
      const states = new MemoryStates(new Faults());
      const other = yield* updaterOn(states.service);
      let writes = other.apply([record(0n, "a")]);
      /** Reads users, and has the other one write before anything else is read. */
      const slow: UserStatesService = {
        ...states.service,
        read: (model, userIds) =>
          states.service.read(model, userIds).pipe(
            Effect.tap(() => writes.pipe(Effect.orDie)),
            Effect.tap(() =>
              Effect.sync(() => {
                writes = Effect.succeed(0n);
              }),
            ),
          ),
      };
      const mine = yield* updaterOn(slow);
      expect(yield* mine.apply([record(0n, "a"), record(1n, "b")])).toBe(2n);
      const { events } = yield* states.service.followers("m", 0, undefined);
      expect(events).toEqual([packed([{ item: 9, before: [7] }])]);
      expect(states.trends.get(0)?.next).toBe(2n);
    }).pipe(Effect.scoped),
  );
});

describe("counts", () => {
  it.effect("are added up when their events outgrow the snapshot, after which they are appended again", () =>
    Effect.gen(function* () {
      const states = new MemoryStates(new Faults());
      const whole = makeLiveFollowers();
      let counts = yield* openCounts(states.service, "m", 0, 1200);
      const tags: Array<string> = [];
      for (let n = 0; n < 200; n++) {
        const events = packed([{ item: n % 11, before: [n % 7, n % 5, n % 3] }]);
        countEvents(whole, events);
        const followers = yield* counts.toWrite(events);
        const trend = { next: BigInt(n + 1), asOf: 0, total: 0, scores: new Map() };
        const expected = n === 0 ? undefined : BigInt(n);
        yield* states.service.write("m", {
          slot: 0,
          next: trend.next,
          users: [],
          trend: { expected, trend, followers },
        });
        counts.written(followers);
        tags.push(followers?._tag ?? "");
        // As after a restart.
        if (n % 10 === 9) counts = yield* openCounts(states.service, "m", 0, 1200);
      }
      // 20 bytes each; the snapshot of some 60 pairs takes less than they do.
      const wanted = Array.from({ length: 200 }, (_, n) => (n % 61 === 60 ? "replace" : "append"));
      expect(tags).toEqual(wanted);
      const { events, snapshot } = yield* states.service.followers("m", 0, undefined);
      const live = liveFollowersOf(snapshot!);
      for (const batch of events) countEvents(live, batch);
      expect(snapshotOf(live)).toEqual(snapshotOf(whole));
      expect(snapshotBytes(snapshot!)).toBeLessThan(1200);
      expect(yield* counts.toWrite(packed([]))).toBeUndefined();
    }),
  );
});
