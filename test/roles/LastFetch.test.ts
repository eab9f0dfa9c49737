/** What a process that stops waits for: no event that its archiver could still fetch is left to the next start. */
import { describe, expect, it } from "@effect/vitest";
import { Clock, Deferred, Duration, Effect, Fiber, TestClock } from "effect";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { archiveAppId } from "../../src/domain/TableSchemas.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { TableError, Tables } from "../../src/ports/Tables.ts";
import { lastFetch } from "../../src/roles/LastFetch.ts";
import { archiver } from "../../src/stream/Archiver.ts";
import { supervise } from "../../src/stream/Supervisor.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";
import { Faults, MemoryLetters, MemoryTable } from "../support/MemoryStores.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const settings = {
  inbox: 2,
  batchSize: 3,
  maxRestarts: 8,
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

/** An archiver of a log with ten events in two partitions, whose table answers once `answers` is done; and its stop. */
const world = Effect.gen(function* () {
  const log = new ScriptedLog(2, "log");
  const table = new MemoryTable(new Faults());
  const answers = yield* Deferred.make<void, TableError>();
  const tables = {
    ...table.service,
    snapshot: (name: string) => Effect.zipRight(Deferred.await(answers), table.service.snapshot(name)),
  };
  const role = Effect.gen(function* () {
    const processing = yield* archiver(never);
    return yield* supervise({ group: "archiver", start: () => 0n, processing, settings });
  }).pipe(
    Effect.scoped,
    Effect.provideService(Tables, tables),
    Effect.provideService(DeadLetters, new MemoryLetters().service),
  );
  for (let n = 0; n < 10; n++) log.append(n % 2, event(n));
  const vitals = makeVitals();
  const within = <A, E>(effect: Effect.Effect<A, E, EventLog>) =>
    effect.pipe(Effect.provideService(EventLog, log.service), Effect.provideService(Vitals, vitals));
  const begun = yield* Clock.currentTimeMillis;
  const start = Effect.tap(Effect.fork(within(role)), () => turns);
  const stop = (running: Fiber.RuntimeFiber<unknown, unknown>) =>
    Effect.fork(Effect.zipRight(within(lastFetch(begun)), Fiber.interrupt(running)));
  const archived = () => table.batches.reduce((sum, { rows }) => sum + rows, 0);
  const assignAll = Effect.suspend(() => Effect.forEach([0, 1], (partition) => log.assign(log.members[0], partition)));
  return { answers, archived, assignAll, log, start, stop, table };
});

const pass = (duration: Duration.DurationInput) => Effect.zipRight(TestClock.adjust(duration), turns);

describe("before an archiver is stopped", () => {
  it.effect("it is waited for that finds out only now where it is to begin", () =>
    Effect.gen(function* () {
      const { answers, archived, assignAll, start, stop, table } = yield* world;
      const running = yield* start;
      yield* assignAll;
      yield* turns;
      const stopping = yield* stop(running);
      yield* pass("1 second");
      yield* Deferred.succeed(answers, undefined);
      yield* pass("1 second");
      yield* Fiber.join(stopping);
      expect(archived()).toBe(10);
      expect(table.transactions.get(archiveAppId("log", 0))).toBe(5n);
    }),
  );

  it.effect("it is waited for that is assigned its partitions, or joins, only now", () =>
    Effect.gen(function* () {
      const { answers, archived, assignAll, log, start, stop } = yield* world;
      yield* Deferred.succeed(answers, undefined);
      const late = yield* Deferred.make<void>();
      const running = yield* Effect.fork(Effect.zipRight(Deferred.await(late), Effect.flatMap(start, Fiber.join)));
      const stopping = yield* stop(running);
      yield* pass("1 second");
      yield* Deferred.succeed(late, undefined);
      yield* pass("1 second");
      expect(log.members).toHaveLength(1);
      yield* assignAll;
      yield* pass("1 second");
      yield* Fiber.join(stopping);
      expect(archived()).toBe(10);
    }),
  );

  it.effect("it is waited for that must write again what it had fetched", () =>
    Effect.gen(function* () {
      const { answers, archived, assignAll, log, start, stop, table } = yield* world;
      const running = yield* start;
      yield* Deferred.succeed(answers, undefined);
      yield* assignAll;
      yield* turns;
      // Another archiver wrote the partition, so that both must begin again from where the table is.
      table.transactions = new Map([[archiveAppId("log", 0), 1n]]);
      for (let n = 10; n < 12; n++) log.append(n % 2, event(n));
      yield* pass("1 hour");
      const stopping = yield* stop(running);
      yield* pass("10 seconds");
      yield* Fiber.join(stopping);
      expect(archived()).toBe(11);
    }),
  );

  it.effect("what another process archives is not waited for", () =>
    Effect.gen(function* () {
      const { answers, archived, log, start, stop } = yield* world;
      yield* Deferred.succeed(answers, undefined);
      const running = yield* start;
      log.positions.set(0, 5n).set(1, 5n);
      const stopping = yield* stop(running);
      yield* turns;
      expect((yield* Fiber.poll(stopping))._tag).toBe("Some");
      expect(archived()).toBe(0);
    }),
  );

  it.effect("once it had the time to be assigned all there is, nothing is waited for that it does not own", () =>
    Effect.gen(function* () {
      const { answers, start, stop } = yield* world;
      yield* Deferred.succeed(answers, undefined);
      const running = yield* start;
      yield* pass("10 seconds");
      const stopping = yield* stop(running);
      yield* turns;
      expect((yield* Fiber.poll(stopping))._tag).toBe("Some");
    }),
  );

  it.effect("nothing is waited for longer than ten seconds", () =>
    Effect.gen(function* () {
      const { answers, assignAll, start, stop } = yield* world;
      const running = yield* start;
      yield* assignAll;
      yield* turns;
      const stopping = yield* stop(running);
      yield* pass("9 seconds");
      expect((yield* Fiber.poll(stopping))._tag).toBe("None");
      yield* pass("1 second");
      yield* Deferred.succeed(answers, undefined);
      yield* turns;
      expect((yield* Fiber.poll(stopping))._tag).toBe("Some");
    }),
  );

  it.effect("an outage is not waited for", () =>
    Effect.gen(function* () {
      const { answers, assignAll, start, stop } = yield* world;
      yield* Deferred.fail(answers, new TableError({ reason: "Full", table: "raw/events", message: "no space" }));
      const running = yield* start;
      yield* assignAll;
      yield* turns;
      const stopping = yield* stop(running);
      yield* turns;
      expect((yield* Fiber.poll(stopping))._tag).toBe("Some");
    }),
  );
});
