import { expect, it } from "@effect/vitest";
import { Duration, Effect, Fiber, Layer } from "effect";
import { archiveAppId } from "../../src/domain/TableSchemas.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { archiver } from "../../src/stream/Archiver.ts";
import { supervise } from "../../src/stream/Supervisor.ts";
import { Faults, MemoryTable } from "../support/MemoryStores.ts";
import { kafkaLayer } from "./KafkaLayers.ts";
import { eventually, numbered, userOf } from "./NumberedEvents.ts";
import { kafkaBroker } from "./servers.ts";

const settings = {
  inbox: 2,
  batchSize: 50,
  maxRestarts: 0,
  restartWindow: Duration.minutes(5),
  stallTimeout: Duration.minutes(2),
  drainTimeout: Duration.seconds(5),
};

it.scopedLive("an archiver that others join or that is stopped has written what it held, though nothing was due", () =>
  Effect.gen(function* () {
    const { address } = yield* kafkaBroker;
    const table = new MemoryTable(new Faults());
    let held = 0;
    const member = Effect.gen(function* () {
      const { open, ...rest } = yield* archiver({
        flushRows: 1_000_000,
        flushBytes: 1 << 30,
        flushAge: Duration.hours(1),
      });
      const counting = (partition: number) =>
        Effect.map(open(partition), (processor) => ({
          ...processor,
          apply: (records: Parameters<typeof processor.apply>[0]) =>
            Effect.tap(processor.apply(records), () =>
              Effect.sync(() => {
                held += records.length;
              }),
            ),
        }));
      const processing = { ...rest, open: counting };
      return yield* supervise({ group: "archiver", start: () => 0n, processing, settings });
    }).pipe(
      Effect.scoped,
      Effect.provide(kafkaLayer(address)),
      Effect.provideService(Tables, table.service),
      Effect.fork,
    );
    const log = yield* Effect.provide(EventLog, yield* Layer.build(kafkaLayer(address)));
    const identity = yield* log.identity;
    const append = (from: number) =>
      log.append(Array.from({ length: 100 }, (_, i) => ({ key: userOf(from + i), value: numbered(from + i) })));
    const archived = Effect.gen(function* () {
      const ends = yield* log.endOffsets;
      return ends.every((end, p) => end === 0n || table.transactions.get(archiveAppId(identity, p)) === end);
    });
    const rows = () => table.batches.reduce((sum, batch) => sum + batch.rows, 0);

    yield* append(0);
    const first = yield* member;
    yield* eventually(Effect.sync(() => held === 100));
    expect(rows()).toBe(0);
    const second = yield* member;
    yield* eventually(archived);
    expect(rows()).toBe(100);

    yield* append(100);
    yield* eventually(Effect.sync(() => held === 200));
    expect(rows()).toBe(100);
    yield* Effect.all([Fiber.interrupt(first), Fiber.interrupt(second)], { concurrency: "unbounded" });
    expect(rows()).toBe(200);
    expect(yield* archived).toBe(true);
  }),
);
