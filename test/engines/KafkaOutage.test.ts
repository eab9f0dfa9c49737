/** What a member and a producer see of a broker that hangs, of deleted events, and of a log that is shorter than they knew. */
import { expect, it } from "@effect/vitest";
import { Effect, Fiber, Logger, Queue } from "effect";
import { Kafka } from "kafkajs";
import { EventLog, type Signal } from "../../src/ports/EventLog.ts";
import { kafkaLayer } from "./KafkaLayers.ts";
import { eventually } from "./NumberedEvents.ts";
import { kafkaBroker } from "./servers.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

it.live(
  "a broker that hangs: appends fail in bounded time, a fetch waits, both go on by themselves, and it is said once",
  () =>
    Effect.gen(function* () {
      const broker = yield* kafkaBroker;
      const lines: Array<string> = [];
      const recorder = Logger.make(({ message }) => void lines.push(String(message)));
      const about = (text: string) => lines.filter((line) => line.includes(text));
      yield* Effect.gen(function* () {
        const log = yield* EventLog;
        const append = (value: string) => log.append([{ key: "k", value: bytes(value) }]);
        const [place] = yield* append("before");
        const { offset, partition } = place!;
        const subscription = yield* log.subscribe("outage", () => 0n);
        const epochs = new Map<number, number>();
        const take = Effect.map(Queue.take(subscription.signals), (signal: Signal) => {
          epochs.set(signal.partition, signal.epoch);
          return signal;
        });
        yield* Effect.repeatN(take, 3);
        const waiting = yield* Effect.fork(
          subscription.fetch(partition, epochs.get(partition)!, offset + 1n, 10).pipe(
            Effect.map((records) => records.map(({ value }) => String(value))),
            Effect.either,
          ),
        );
        yield* broker.pause;
        const failures = yield* Effect.forEach([1, 2, 3], (i) => Effect.flip(append(`during ${i}`)), {
          concurrency: "unbounded",
        });
        expect(failures.map(({ reason }) => reason)).toEqual(["Unavailable", "Unavailable", "Unavailable"]);
        yield* eventually(Effect.sync(() => about("does not answer").length > 0));
        yield* broker.resume;
        yield* eventually(Effect.as(append("after"), true));
        yield* eventually(Effect.sync(() => about("answers again").length > 0));
        expect(about("does not answer")).toHaveLength(1);
        expect(about("answers again")).toHaveLength(1);
        // The fetch got what there was, or its epoch ended with the session: then the next one gets it.
        const first = yield* Fiber.join(waiting);
        if (first._tag === "Left") {
          expect(first.left.reason).toBe("Released");
          yield* eventually(Effect.map(take, (signal) => signal._tag === "Assigned" && signal.partition === partition));
          const again = yield* subscription.fetch(partition, epochs.get(partition)!, offset, 10);
          expect(String(again[0]!.value)).toBe("before");
        } else expect(first.right.length).toBeGreaterThan(0);
        const values = (yield* log.read(partition, 0n, 1000)).map(({ value }) => String(value));
        expect(values[0]).toBe("before");
        expect(values).toContain("after");
        expect(new Set(values).size).toBe(values.length);
      }).pipe(
        Effect.scoped,
        Effect.provide(kafkaLayer(broker.address)),
        Effect.provide(Logger.replace(Logger.defaultLogger, recorder)),
      );
    }).pipe(Effect.scoped),
  60_000,
);

it.live(
  "deleted events: the gap is named and fetching goes on behind it; a position beyond the end is for a person to look at",
  () =>
    Effect.gen(function* () {
      const broker = yield* kafkaBroker;
      const lines: Array<string> = [];
      const recorder = Logger.make(({ message }) => void lines.push(String(message)));
      yield* Effect.gen(function* () {
        const log = yield* EventLog;
        const places = yield* log.append(Array.from({ length: 10 }, (_, i) => ({ key: "k", value: bytes(String(i)) })));
        const { partition } = places[0]!;
        const admin = new Kafka({ brokers: [broker.address], logLevel: 0 }).admin();
        yield* Effect.promise(async () => {
          await admin.connect();
          // Loads the metadata that the next call takes for granted.
          await admin.fetchTopicOffsets("user_events");
          await admin.deleteTopicRecords({ topic: "user_events", partitions: [{ partition, offset: "6" }] });
          await admin.disconnect();
        });
        expect((yield* log.read(partition, 0n, 100)).map(({ offset }) => offset)).toEqual([6n, 7n, 8n, 9n]);
        const subscription = yield* log.subscribe("gap", () => 0n);
        const epochs = new Map<number, number>();
        yield* Effect.repeatN(
          Effect.map(Queue.take(subscription.signals), ({ epoch, partition }) => epochs.set(partition, epoch)),
          3,
        );
        const [gap] = yield* subscription.fetch(partition, epochs.get(partition)!, 2n, 100);
        expect(gap).toMatchObject({ offset: 5n, gap: { first: 2n, damage: undefined } });
        const records = yield* subscription.fetch(partition, epochs.get(partition)!, 6n, 100);
        expect(records.map(({ value }) => String(value))).toEqual(["6", "7", "8", "9"]);
        expect(lines.filter((line) => line.includes(`partition ${partition}: offsets 2 to 5`))).toHaveLength(1);
        const beyond = yield* Effect.flip(subscription.fetch(partition, epochs.get(partition)!, 50n, 100));
        expect(beyond.reason).toBe("Corrupt");
        expect(beyond.message).toContain("ends at offset 10, before 50");
      }).pipe(
        Effect.scoped,
        Effect.provide(kafkaLayer(broker.address)),
        Effect.provide(Logger.replace(Logger.defaultLogger, recorder)),
      );
    }).pipe(Effect.scoped),
  60_000,
);
