/** What a group sees of a topic whose bytes have changed on the broker's disk. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "@effect/vitest";
import { Effect, Layer, Logger } from "effect";
import { crc32c } from "../../layers/engines/kafka/records/Crc32c.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";
import { Faults, MemoryStates } from "../support/MemoryStores.ts";
import { kafkaLayer } from "./KafkaLayers.ts";
import {
  eventually,
  everything,
  group,
  numbered,
  numberOf,
  role,
  sequential,
  userOf,
  users,
} from "./NumberedEvents.ts";
import { kafkaBroker, type Server } from "./servers.ts";

/** The batches of a partition's only segment: where each begins. */
const startsOf = (segment: Buffer): ReadonlyArray<number> => {
  const starts: Array<number> = [];
  for (
    let at = 0;
    at + 12 <= segment.length && segment.readInt32BE(at + 8) > 0;
    at += 12 + segment.readInt32BE(at + 8)
  ) {
    starts.push(at);
  }
  return starts;
};

/** Changes the segment of a partition while its broker is stopped. */
const change = (broker: Server, partition: number, edit: (segment: Buffer, starts: ReadonlyArray<number>) => void) =>
  Effect.gen(function* () {
    yield* broker.stop;
    const path = join(broker.folder, "log", `user_events-${partition}`, "00000000000000000000.log");
    const segment = yield* Effect.promise(() => readFile(path));
    edit(segment, startsOf(segment));
    yield* Effect.promise(() => writeFile(path, segment));
    yield* broker.start;
  });

const appendNumbers = (from: number, count: number) =>
  Effect.flatMap(EventLog, (log) =>
    log.append(Array.from({ length: count }, (_, i) => ({ key: userOf(from + i), value: numbered(from + i) }))),
  );

const caughtUp = Effect.gen(function* () {
  const log = yield* EventLog;
  const [ends, committed] = yield* Effect.all([log.endOffsets, log.committed(group)]);
  return ends.every((end, partition) => end === 0n || committed[partition] === end);
});

it.live(
  "a damaged batch is one dead letter and everything else is applied; a codec not known here waits, until it is gone",
  () =>
    Effect.gen(function* () {
      const broker = yield* kafkaBroker;
      const vitals = makeVitals();
      const states = new MemoryStates(new Faults());
      yield* Effect.gen(function* () {
        const log = yield* EventLog;
        // One batch per call and partition.
        for (let call = 0; call < 5; call++) yield* appendNumbers(100 * call, 100);
        const before = yield* everything;
        const [damaged, later] = [before[0]!, before[1]!];
        const inBatch = (records: typeof damaged, call: number) =>
          records.filter((record) => Math.floor(numberOf(record) / 100) === call).map(({ offset }) => offset);
        const lost = inBatch(damaged, 2);
        const held = inBatch(later, 3);
        expect(lost.length).toBeGreaterThan(3);

        yield* change(broker, 0, (segment, starts) => {
          segment[starts[2]! + 100]! ^= 4;
        });
        const attributesOf = (start: number) => start + 22;
        const codec = (number: number) =>
          change(broker, 1, (segment, starts) => {
            const start = starts[3]!;
            segment[attributesOf(start)] = (segment[attributesOf(start)]! & ~7) | number;
            segment.writeUInt32BE(crc32c(segment.subarray(start + 21, starts[4])), start + 17);
          });
        yield* codec(6);

        yield* role.pipe(
          Effect.scoped,
          Effect.provideService(Vitals, vitals),
          Effect.provideService(UserStates, states.service),
          Effect.forkScoped,
        );
        const partition = (p: number) => [...vitals.groups][0]?.partitions.get(p);
        yield* eventually(Effect.sync(() => partition(1)?.reason?.includes("codec 6") ?? false));
        expect(partition(1)!.state).toBe("waiting");
        expect(partition(1)!.reason).toContain(
          `partition 1 of topic user_events from offset ${held[0]} on cannot be read`,
        );
        expect(partition(1)!.next).toBe(held[0]);
        yield* eventually(Effect.map(log.committed(group), (committed) => committed[0] === BigInt(damaged.length)));
        yield* eventually(Effect.sync(() => partition(0)?.state === "running"));

        yield* codec(0);
        yield* eventually(caughtUp);
        const letters = yield* Effect.flatMap(DeadLetters, ({ list }) => list(100));
        expect(letters).toMatchObject([
          { consumer: "updater", partition: 0, offset: lost[0], reason: "corrupt_batch", value: Buffer.alloc(0) },
        ]);
        expect(letters[0]!.detail).toBe(
          `the batch of ${lost.length} records at offset ${lost[0]} of partition 0 fails its checksum`,
        );
        const wanted = sequential(
          before.map((records, p) => (p === 0 ? records.filter(({ offset }) => !lost.includes(offset)) : records)),
        );
        for (let n = 0; n < users; n++) expect(states.users.get(userOf(n))).toEqual(wanted.get(userOf(n)));
        // Read without a group, too.
        expect((yield* log.read(0, 0n, 10_000)).map(({ offset }) => offset)).toEqual(
          damaged.map(({ offset }) => offset).filter((offset) => !lost.includes(offset)),
        );
      }).pipe(Effect.scoped, Effect.provide(kafkaLayer(broker.address, { PARTITIONS: "2" })));
    }).pipe(Effect.scoped, Effect.provide(Logger.remove(Logger.defaultLogger).pipe(Layer.orDie))),
  180_000,
);
