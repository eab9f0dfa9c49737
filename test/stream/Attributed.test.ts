/** Which events the updater tells to have come of answers: each once, when it is durable. */
import { expect, it } from "@effect/vitest";
import { Effect, Layer } from "effect";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { eventTypesOf } from "../../src/domain/EventTypes.ts";
import type { LearningItems } from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { updater } from "../../src/stream/Updater.ts";
import { Faults, MemoryLetters, MemoryStates } from "../support/MemoryStores.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const items: LearningItems = {
  rank: 2,
  itemIdx: Uint32Array.of(0, 1),
  vectors: Float32Array.of(1, 0, 0, 1),
  rowOf: (id) => ({ a: 0, b: 1 })[id],
  rowOfIdx: (idx) => (idx < 2 ? idx : undefined),
};

const types = eventTypesOf([
  { name: "click", weight: 0.1 },
  { name: "purchase", weight: 1, role: "buys" },
  { name: "return", weight: 0, role: "takes-back" },
  { name: "impression", weight: 0, role: "shown" },
]);

it.effect("tells of events that name an answer, not of retries, of what is debounced or unknown, nor twice", () =>
  Effect.gen(function* () {
    const log = new ScriptedLog(1);
    const told: Array<string> = [];
    const { open } = yield* updater({
      model: "m",
      group: "updater-m",
      halfLife: 86_400,
      items,
      learner: makeEma(items, { rate: 0.2 }),
      types,
      debounceSeconds: 10,
      standing: Effect.succeed({ identity: log.identity, number: 0, start: () => 0n }),
      onBatch: (_, __, attributed) => void told.push(...attributed.map(({ eventId }) => eventId)),
    }).pipe(
      Effect.provide(
        Layer.merge(
          Layer.succeed(UserStates, new MemoryStates(new Faults()).service),
          Layer.succeed(DeadLetters, new MemoryLetters().service),
        ),
      ),
    );
    const { apply } = yield* open(0);
    const event = (of: Partial<Event>): Event => ({
      eventId: "e",
      userId: "u",
      itemId: "a",
      eventType: "click",
      timestamp: 1e9,
      quantity: 1,
      recommendationId: "of an answer",
      ...of,
    });
    for (const of of [
      { eventId: "click" },
      { eventId: "click" },
      { eventId: "debounced", timestamp: 1e9 + 5 },
      { eventId: "later", timestamp: 1e9 + 50 },
      { eventId: "of none", timestamp: 1e9 + 100, recommendationId: undefined },
      { eventId: "impression", eventType: "impression" },
      { eventId: "bought", eventType: "purchase" },
      { eventId: "returned", eventType: "return" },
      { eventId: "unknown item", itemId: "c" },
      { eventId: "unknown type", eventType: "stare" },
    ]) {
      log.append(0, encodeEvent(event(of)));
    }
    const records = log.records[0]!;
    yield* apply(records.slice(0, 4));
    // Fetched again from before what is durable.
    yield* apply(records.slice(2));
    expect(told).toEqual(["click", "later", "impression", "bought", "returned"]);
  }).pipe(Effect.scoped),
);
