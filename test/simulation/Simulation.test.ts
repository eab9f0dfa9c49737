import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, TestClock } from "effect";
import { saltedHash, type Tombstone } from "../../src/domain/Forgotten.ts";
import { rawTransactions } from "../../src/domain/TableSchemas.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { Simulation } from "../../src/simulation/Simulation.ts";
import { memoryForgotten, salt } from "../support/MemoryForgotten.ts";
import { makeFakeLog } from "./FakeLog.ts";
import { fakeTables } from "./FakeTables.ts";

const rows = ["anna", "bert", "cora"].flatMap((customer_id, n) =>
  ["1", "2", "3"].map((article_id) => ({ t_dat: 18_000 + n, customer_id, article_id })),
);
const tables = { [rawTransactions.name]: { schema: rawTransactions.schema, rows } };

const within = (tables: Parameters<typeof fakeTables>[0], tombstones = new Map<string, Tombstone>()) => {
  const log = makeFakeLog();
  const layer = Simulation.layer.pipe(
    Layer.provide(
      Layer.mergeAll(fakeTables(tables), memoryForgotten(tombstones), Layer.succeed(EventLog, log.service)),
    ),
  );
  return { appended: log.appended, layer };
};

/** Lets its fiber come to where it waits for the clock. */
const settle = Effect.repeatN(Effect.yieldNow(), 50);

describe("made-up shoppers of this process", () => {
  it.effect(
    "act once they are switched on, at their rate, and no more once they are off; no event has the id of another",
    () => {
      const { appended, layer } = within(tables);
      return Effect.gen(function* () {
        const { start, state, stop } = yield* Simulation;
        expect(yield* state).toEqual({ state: "off", per_second: 10, events: 0, detail: null });
        for (const sent of [100, 200]) {
          yield* start(20);
          yield* settle;
          yield* TestClock.adjust("5 seconds");
          yield* settle;
          expect(yield* state).toEqual({ state: "on", per_second: 20, events: sent, detail: null });
          yield* stop;
          yield* TestClock.adjust("5 seconds");
          expect(yield* state).toMatchObject({ state: "off", events: sent });
        }
        expect(appended.length).toBe(200);
        expect(new Set(appended.map(({ event }) => event.eventId)).size).toBe(200);
        for (const { event, key } of appended) {
          expect(["anna", "bert", "cora"]).toContain(key);
          expect(["1", "2", "3"]).toContain(event.itemId);
        }
      }).pipe(Effect.provide(layer));
    },
  );

  it.effect("act no more from the moment at which they are forgotten, and the others act on", () => {
    const tombstones = new Map<string, Tombstone>();
    const { appended, layer } = within(tables, tombstones);
    return Effect.gen(function* () {
      const { start, stop } = yield* Simulation;
      yield* start(20);
      yield* settle;
      yield* TestClock.adjust("5 seconds");
      yield* settle;
      const before = appended.length;
      expect(appended.some(({ key }) => key === "bert")).toBe(true);
      const hash = saltedHash(salt, "bert");
      tombstones.set(hash, { hash, forgottenAt: 5, done: {} });
      yield* TestClock.adjust("5 seconds");
      yield* settle;
      const after = new Set(appended.slice(before).map(({ key }) => key));
      expect(after).toEqual(new Set(["anna", "cora"]));
      yield* stop;
    }).pipe(Effect.provide(layer));
  });

  it.effect("say why they cannot", () => {
    const { layer } = within({});
    return Effect.gen(function* () {
      const { start, state } = yield* Simulation;
      yield* start(10);
      yield* settle;
      expect(yield* state).toMatchObject({ state: "failed", events: 0, detail: expect.stringMatching(/no customers/) });
    }).pipe(Effect.provide(layer));
  });
});
