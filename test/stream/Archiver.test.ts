import { expect, it } from "@effect/vitest";
import { Deferred, Duration, Effect, Fiber } from "effect";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { archiveAppId } from "../../src/domain/TableSchemas.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { archiver } from "../../src/stream/Archiver.ts";
import { Faults, MemoryLetters, MemoryTable } from "../support/MemoryStores.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const good = encodeEvent({
  eventId: "e",
  userId: "u",
  itemId: "a",
  eventType: "click",
  timestamp: 1_600_000_000,
  quantity: 1,
});
const ofAnswer = encodeEvent({
  eventId: "f",
  userId: "u",
  itemId: "b",
  eventType: "click",
  timestamp: 1_600_000_001,
  quantity: 1,
  recommendationId: "of an answer",
});
const poison = new TextEncoder().encode("{poison");
const settings = { flushRows: 1000, flushBytes: 1_000_000, flushAge: Duration.seconds(1) };

it.effect("commits no partition beyond a poison event whose letter is still on its way", () =>
  Effect.gen(function* () {
    const table = new MemoryTable(new Faults());
    const letters = new MemoryLetters();
    const posting = yield* Deferred.make<void>();
    const posted = yield* Deferred.make<void>();
    const slow = {
      ...letters.service,
      append: (some: Parameters<typeof letters.service.append>[0]) =>
        Deferred.succeed(posting, undefined).pipe(
          Effect.zipRight(Deferred.await(posted)),
          Effect.zipRight(letters.service.append(some)),
        ),
    };
    const { open } = yield* archiver(settings).pipe(
      Effect.provideService(EventLog, new ScriptedLog(2, "log-a").service),
      Effect.provideService(Tables, table.service),
      Effect.provideService(DeadLetters, slow),
    );
    const [quick, poisoned] = yield* Effect.all([open(0), open(1)]);
    yield* quick.apply([
      { offset: 0n, appendedAt: 1_600_000_000.5, value: good },
      { offset: 1n, appendedAt: 1_600_000_001.5, value: ofAnswer },
    ]);
    const applying = yield* Effect.fork(
      poisoned.apply([
        { offset: 0n, appendedAt: 1_600_000_000, value: good },
        { offset: 1n, appendedAt: 1_600_000_000, value: poison },
      ]),
    );
    yield* Deferred.await(posting);
    expect(yield* quick.flush).toBe(2n);
    expect(table.batches[0]?.columns).toMatchObject({
      arrived_at: Float64Array.of(1_600_000_000.5, 1_600_000_001.5),
      log_id: ["log-a", "log-a"],
      recommendation_id: [null, "of an answer"],
    });
    expect(table.transactions).toEqual(new Map([[archiveAppId("log-a", 0), 2n]]));
    yield* Deferred.succeed(posted, undefined);
    yield* Fiber.join(applying);
    expect(yield* poisoned.flush).toBe(2n);
    expect(table.transactions.get(archiveAppId("log-a", 1))).toBe(2n);
    expect(letters.letters.size).toBe(1);
  }).pipe(Effect.scoped),
);
