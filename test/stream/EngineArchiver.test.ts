/** The archive by another engine: its micro-batches are taken once, and what it cannot read is read here. */
import { expect, it } from "@effect/vitest";
import { Deferred, Duration, Effect, Either, Exit, Fiber, Stream, TestClock } from "effect";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { isForget } from "../../src/domain/Forget.ts";
import { archiveAppId, rawEvents } from "../../src/domain/TableSchemas.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { type Engine, MicroBatches, MicroBatchesError } from "../../src/ports/MicroBatches.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { eventColumns } from "../../src/stream/Archiver.ts";
import { archiveByEngine } from "../../src/stream/EngineArchiver.ts";
import { readRecord } from "../../src/stream/ReadRecord.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";
import { Faults, MemoryLetters, MemoryTable } from "../support/MemoryStores.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const settings = {
  flushRows: 100,
  flushBytes: 1 << 30,
  flushAge: Duration.seconds(1),
  batchSize: 3,
  maxRestarts: 3,
  restartWindow: Duration.minutes(5),
};

const event = (n: number) =>
  encodeEvent({
    eventId: `e-${n}`,
    userId: "u",
    itemId: "a",
    eventType: "click",
    timestamp: 1_600_000_000 + n,
    quantity: 1,
  });

const turns = Effect.repeatN(Effect.yieldNow(), 200);

/** A log, a table, and an engine that reads the one for the other, until it is told to fail. */
const makeWorld = () => {
  const log = new ScriptedLog(2, "log");
  const table = new MemoryTable(new Faults());
  const letters = new MemoryLetters();
  const vitals = makeVitals();
  const world = {
    log,
    table,
    letters,
    vitals,
    /** What the next micro-batches, or starts, fail with. */
    failures: [] as Array<MicroBatchesError["reason"]>,
    starts: 0,
    batches: 0,
    /** Records that the engine takes for none, by their values' first byte. */
    refuses: (_: Uint8Array): boolean => false,
    beforeCommit: Effect.void as Effect.Effect<void>,
  };

  const fail = Effect.suspend(() => {
    const reason = world.failures.shift();
    return reason === undefined ? Effect.void : new MicroBatchesError({ reason, message: `it ${reason}` });
  });

  const engine: Engine = {
    about: "an engine of this test",
    read: ({ from, log: identity, ready, take }) =>
      Effect.gen(function* () {
        const next = new Map(from);
        yield* ready;
        while (true) {
          yield* fail;
          const records = [...next].flatMap(([partition, offset]) =>
            log.records[partition]!.slice(Number(offset)).map((record) => ({ partition, record })),
          );
          if (records.length === 0) {
            yield* Effect.sleep("100 millis");
            continue;
          }
          for (const { partition, record } of records) next.set(partition, record.offset + 1n);
          const good = records.flatMap(({ partition, record }) => {
            const read = readRecord(identity, partition, record);
            return read._tag === "Left" || isForget(read.right) || world.refuses(record.value)
              ? []
              : [{ event: read.right, partition, offset: record.offset, appendedAt: record.appendedAt }];
          });
          const refused = records.filter(
            ({ partition, record }) =>
              Either.match(readRecord(identity, partition, record), { onLeft: () => true, onRight: isForget }) ||
              world.refuses(record.value),
          );
          world.batches += 1;
          yield* take({
            rows: good.length,
            next: new Map(next),
            refused: Stream.fromIterable(refused),
            commit: (transactions) =>
              Effect.zipRight(
                world.beforeCommit,
                table.service.append(
                  rawEvents.name,
                  rawEvents.schema,
                  Stream.make(eventColumns(identity, good)),
                  transactions,
                ),
              ),
          });
        }
      }),
  };
  const role = archiveByEngine(settings).pipe(
    Effect.scoped,
    Effect.provideService(EventLog, log.service),
    Effect.provideService(Tables, table.service),
    Effect.provideService(DeadLetters, letters.service),
    Effect.provideService(Vitals, vitals),
    Effect.provideService(MicroBatches, {
      open: () =>
        Effect.zipRight(
          fail,
          Effect.sync(() => {
            world.starts += 1;
            return engine;
          }),
        ),
    }),
  );
  const owning = Effect.gen(function* () {
    yield* turns;
    const [member] = log.members;
    yield* log.assign(member!, 0);
    yield* log.assign(member!, 1);
    yield* turns;
    yield* TestClock.adjust("100 millis");
    yield* turns;
    return member!;
  });
  const archived = () => table.batches.flatMap(({ columns }) => [...(columns.event_id as Array<string>)]);
  return { world, role, owning, archived };
};

/** For as long as back-offs last. */
const later = Effect.repeatN(Effect.zipRight(TestClock.adjust("1 second"), turns), 12);

it.effect("takes each micro-batch once, letters first, and tells the group where it stands", () =>
  Effect.gen(function* () {
    const { archived, owning, role, world } = makeWorld();
    const running = yield* Effect.fork(role);
    for (let n = 0; n < 10; n++) world.log.append(n % 2, n === 4 ? new Uint8Array() : event(n));
    yield* owning;
    yield* later;
    expect(archived().sort()).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9].map((n) => `e-${n}`));
    expect([...world.letters.letters.values()]).toMatchObject([
      { partition: 0, offset: 2n, reason: "undecodable", consumer: "archiver", log: "log" },
    ]);
    expect(world.table.transactions.get(archiveAppId("log", 1))).toBe(5n);
    expect(world.log.positions).toEqual(new Map([0, 1].map((partition) => [partition, 5n])));
    yield* Fiber.interrupt(running);
  }),
);

it.effect("has committed what it was taking once its partitions are taken from it", () =>
  Effect.gen(function* () {
    const { archived, owning, role, world } = makeWorld();
    const gate = yield* Deferred.make<void>();
    world.beforeCommit = Deferred.await(gate);
    const running = yield* Effect.fork(role);
    world.log.append(0, event(0));
    const member = yield* owning;
    const releasing = yield* Effect.fork(world.log.release(member, 0, "revoked"));
    yield* turns;
    expect(releasing.unsafePoll()).toBeNull();
    expect(archived()).toEqual([]);
    yield* Deferred.succeed(gate, undefined);
    yield* Fiber.join(releasing);
    expect(archived()).toEqual(["e-0"]);
    expect(world.log.positions.get(0)).toBe(1n);
    yield* Fiber.interrupt(running);
  }),
);

it.effect("reads for a while itself where the engine cannot read on, or takes for no event what is one", () =>
  Effect.gen(function* () {
    const { archived, owning, role, world } = makeWorld();
    const running = yield* Effect.fork(role);
    world.refuses = (value) => value.length > 0 && new TextDecoder().decode(value).includes("e-5");
    for (let n = 0; n < 10; n++) world.log.append(n % 2, event(n));
    yield* owning;
    yield* later;
    expect(archived().sort()).toEqual(Array.from({ length: 10 }, (_, n) => `e-${n}`));
    expect(world.letters.letters.size).toBe(0);
    world.failures.push("Failed");
    for (let n = 10; n < 14; n++) world.log.append(0, event(n));
    yield* later;
    expect(archived()).toHaveLength(14);
    expect(world.vitals.restarts.get("archiver")).toBe(2);
    expect(world.starts).toBe(1);
    yield* Fiber.interrupt(running);
  }),
);

it.effect(
  "starts the engine again where it is lost, however often, and starts over where another archiver was first",
  () =>
    Effect.gen(function* () {
      const { archived, owning, role, world } = makeWorld();
      world.failures.push("Lost");
      const running = yield* Effect.fork(role);
      yield* owning;
      yield* later;
      expect(world.starts).toBe(1);
      for (let i = 0; i < 5; i++) {
        world.failures.push("Lost");
        yield* later;
      }
      expect(world.starts).toBe(6);
      expect(world.vitals.outages()).toEqual([]);
      world.table.transactions = new Map([[archiveAppId("log", 0), 2n]]);
      for (let n = 0; n < 3; n++) world.log.append(0, event(n));
      yield* later;
      expect(archived()).toEqual(["e-2"]);
      yield* Fiber.interrupt(running);
    }),
);

it.effect("ends where there is no engine, and where it fails more often than it may", () =>
  Effect.gen(function* () {
    const none = makeWorld();
    none.world.failures.push("Missing");
    expect(yield* Effect.flip(none.role)).toMatchObject({ reason: "Missing", message: "it Missing" });
    expect(none.world.log.members).toEqual([]);
    const broken = makeWorld();
    const running = yield* Effect.fork(broken.role);
    yield* broken.owning;
    broken.world.failures.push(...Array.from({ length: 10 }, () => "Failed" as const));
    yield* later;
    expect(Exit.isFailure(yield* Fiber.await(running))).toBe(true);
    expect(broken.world.failures).toHaveLength(6);
  }),
);
