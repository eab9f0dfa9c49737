/** What other clients write is read: with every codec, in batches of many records, committed and aborted. */
import { execFile, execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "@effect/vitest";
import { Deferred, Effect, Queue } from "effect";
import { EventLog, type LogRecord } from "../../src/ports/EventLog.ts";
import { kafkaLayer } from "./KafkaLayers.ts";
import { eventually } from "./NumberedEvents.ts";
import { kafkaBroker } from "./servers.ts";

const here = dirname(fileURLToPath(import.meta.url));
let python = "";

beforeAll(() => {
  python = execFileSync(join(here, "../../scripts/engines/python.sh"), { encoding: "utf8" }).trim();
}, 300_000);

/** Answers the values that a reader has to see. */
const write = (client: string, brokers: string, partition: number) =>
  Effect.promise(() =>
    promisify(execFile)(python, [join(here, "kafka_clients.py"), client, brokers, "user_events", String(partition)], {
      maxBuffer: 1 << 26,
    }),
  ).pipe(
    Effect.map(
      ({ stdout }): ReadonlyArray<string> =>
        stdout
          .trim()
          .split("\n")
          .flatMap((line) => JSON.parse(line)),
    ),
  );

const clients = ["librdkafka", "kafka-python"];

it.live(
  "librdkafka's and kafka-python's records are read, each once, in order, with the broker's time; aborted ones are not",
  () =>
    Effect.gen(function* () {
      const broker = yield* kafkaBroker;
      yield* Effect.gen(function* () {
        const log = yield* EventLog;
        expect(yield* log.endOffsets).toEqual([0n, 0n]);
        const started = Date.now() / 1000;
        const written = yield* Effect.forEach(clients, (client, p) => write(client, broker.address, p));
        const ends = yield* log.endOffsets;
        const subscription = yield* log.subscribe("clients", () => 0n);
        const epochs = new Map<number, number>();
        yield* Queue.take(subscription.signals).pipe(
          Effect.tap((signal) =>
            signal._tag === "Assigned"
              ? Effect.sync(() => epochs.set(signal.partition, signal.epoch))
              : Deferred.succeed(signal.done, undefined),
          ),
          Effect.forever,
          Effect.forkDaemon,
        );
        yield* eventually(Effect.sync(() => epochs.size === 2));
        for (const [p, values] of written.entries()) {
          const read = yield* log.read(p, 0n, 100_000);
          expect(read.map(({ value }) => String(value))).toEqual(values);
          // The same to a group's member, who reaches the end, behind an aborted transaction, and does not wait before it.
          const fetched: Array<LogRecord> = [];
          let next = 0n;
          while (next < ends[p]!) {
            const records = yield* subscription.fetch(p, epochs.get(p)!, next, 500);
            fetched.push(...records.filter(({ gap }) => gap === undefined));
            next = records.at(-1)!.offset + 1n;
          }
          expect(fetched.map(({ offset }) => offset)).toEqual(read.map(({ offset }) => offset));
          expect(fetched.map(({ value }) => String(value))).toEqual(values);
          expect(next).toBe(ends[p]);
          const times = read.map(({ appendedAt }) => appendedAt);
          expect(Math.min(...times)).toBeGreaterThan(started - 5);
          expect(Math.max(...times)).toBeLessThan(Date.now() / 1000 + 5);
        }
      }).pipe(
        Effect.scoped,
        // Below the size of their batches, which come whole all the same.
        Effect.provide(
          kafkaLayer(broker.address, {
            PARTITIONS: "2",
            KAFKA_FETCH_BYTES: "2048",
            KAFKA_SESSION_TIMEOUT: "20 seconds",
          }),
        ),
      );
    }).pipe(Effect.scoped),
  120_000,
);
