import { describe, expect, it } from "@effect/vitest";
import { Duration, Effect, Layer } from "effect";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog, type LogRecord } from "../../src/ports/EventLog.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { archiver } from "../../src/stream/Archiver.ts";
import { updater } from "../../src/stream/Updater.ts";
import { Faults, MemoryLetters, MemoryStates, MemoryTable } from "../support/MemoryStores.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const arrival = 1_600_000_000;
const event = (offset: bigint): LogRecord => ({
  offset,
  appendedAt: arrival,
  value: encodeEvent({
    eventId: `e-${offset}`,
    userId: "u",
    itemId: "a",
    eventType: "click",
    timestamp: arrival,
    quantity: 1,
  }),
});
const gap = (first: bigint, offset: bigint, damage?: string): LogRecord => ({
  offset,
  appendedAt: 0,
  value: new Uint8Array(),
  gap: { first, damage },
});
const detail = "the batch of 4 records at offset 1 of partition 0 fails its checksum";
const records = [event(0n), gap(1n, 4n, detail), event(5n), gap(6n, 7n)];

const items = { rank: 4, itemIdx: Uint32Array.of(0), vectors: new Float32Array(4), rowOf: () => 0, rowOfIdx: () => 0 };
const roles = {
  updater: updater({
    model: "m",
    group: "updater",
    standing: Effect.succeed({ identity: "scripted", number: 0, start: () => 0n }),
    items,
    learner: makeEma(items, { rate: 0.2 }),
    types: defaultEventTypes,
    debounceSeconds: 300,
    halfLife: 86_400,
  }),
  archiver: archiver({ flushRows: 1000, flushBytes: 1_000_000, flushAge: Duration.seconds(1) }),
};

describe.each(["updater", "archiver"] as const)("the %s", (name) => {
  it.effect("moves beyond what holds no event, and gives up what is damaged, once", () =>
    Effect.gen(function* () {
      const letters = new MemoryLetters();
      const stores = Layer.mergeAll(
        Layer.succeed(EventLog, new ScriptedLog(1).service),
        Layer.succeed(DeadLetters, letters.service),
        Layer.succeed(Tables, new MemoryTable(new Faults()).service),
        Layer.succeed(UserStates, new MemoryStates(new Faults()).service),
      );
      yield* Effect.gen(function* () {
        const { open } = yield* roles[name];
        const first = yield* open(0);
        yield* first.apply(records);
        yield* first.apply(records);
        expect(yield* first.flush).toBe(8n);
      }).pipe(Effect.provide(stores));
      expect([...letters.letters.values()]).toMatchObject([
        { consumer: name, partition: 0, offset: 1n, reason: "corrupt_batch", detail },
      ]);
    }).pipe(Effect.scoped),
  );
});
