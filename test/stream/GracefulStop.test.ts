/** What a role has accepted when it is told to let go is durable when it has let go, though nothing was due yet. */
import { expect, it } from "@effect/vitest";
import { Duration, Effect, Fiber } from "effect";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { archiveAppId } from "../../src/domain/TableSchemas.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { archiver } from "../../src/stream/Archiver.ts";
import { supervise } from "../../src/stream/Supervisor.ts";
import { Faults, MemoryLetters, MemoryTable } from "../support/MemoryStores.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const settings = {
  inbox: 2,
  batchSize: 3,
  maxRestarts: 0,
  restartWindow: Duration.minutes(5),
  stallTimeout: Duration.minutes(2),
  drainTimeout: Duration.seconds(20),
};
const never = { flushRows: 1_000_000, flushBytes: 1 << 30, flushAge: Duration.hours(1) };

const event = (n: number) =>
  encodeEvent({
    eventId: `e-${n}`,
    userId: "u",
    itemId: "a",
    eventType: "click",
    timestamp: 1_600_000_000 + n,
    quantity: 1,
  });

const turns = Effect.repeatN(Effect.yieldNow(), 500);

for (const reason of ["closed", "revoked"] as const) {
  it.effect(`archiver: what was accepted is in the table once a partition is ${reason}`, () =>
    Effect.gen(function* () {
      const log = new ScriptedLog(2, "log");
      const table = new MemoryTable(new Faults());
      const role = Effect.gen(function* () {
        const processing = yield* archiver(never);
        return yield* supervise({ group: "archiver", start: () => 0n, processing, settings });
      }).pipe(
        Effect.scoped,
        Effect.provideService(EventLog, log.service),
        Effect.provideService(Tables, table.service),
        Effect.provideService(DeadLetters, new MemoryLetters().service),
      );
      const running = yield* Effect.fork(role);
      yield* turns;
      const [member] = log.members;
      for (const partition of [0, 1]) yield* log.assign(member, partition);
      for (let n = 0; n < 10; n++) log.append(n % 2, event(n));
      yield* turns;
      expect(table.batches).toEqual([]);
      if (reason === "revoked") yield* log.release(member, 0, reason);
      else yield* Fiber.interrupt(running);
      expect(table.transactions.get(archiveAppId("log", 0))).toBe(5n);
      expect(log.positions.get(0)).toBe(5n);
      expect(table.batches.reduce((sum, { rows }) => sum + rows, 0)).toBe(10);
      yield* Fiber.interrupt(running);
    }),
  );
}
