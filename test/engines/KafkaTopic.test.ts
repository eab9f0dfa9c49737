/** A topic that somebody else made: whose time its records have, and what it is known by. */
import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { Kafka } from "kafkajs";
import { EventLog } from "../../src/ports/EventLog.ts";
import { kafkaLayer } from "./KafkaLayers.ts";
import { eventually } from "./NumberedEvents.ts";
import { kafkaBroker } from "./servers.ts";

const topic = "user_events";
const bytes = (text: string) => new TextEncoder().encode(text);

it.live(
  "gets the broker's time for what comes from now on, keeps its other settings, and has another identity when made anew",
  () =>
    Effect.gen(function* () {
      const broker = yield* kafkaBroker;
      const client = new Kafka({ brokers: [broker.address], logLevel: 0, retry: { retries: 20 } });
      const admin = client.admin();
      yield* Effect.acquireRelease(
        Effect.promise(() => admin.connect()),
        () => Effect.promise(() => admin.disconnect()),
      );
      const make = Effect.promise(() =>
        admin.createTopics({
          topics: [
            {
              topic,
              numPartitions: 1,
              configEntries: [
                { name: "retention.ms", value: "864000000" },
                { name: "max.message.bytes", value: "2000000" },
              ],
            },
          ],
        }),
      );
      const overrides = Effect.promise(async () => {
        const { resources } = await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: 2, name: topic }],
        });
        const topicsOwn = 1;
        return Object.fromEntries(
          resources[0]!.configEntries
            .filter(({ configSource }) => Number(configSource) === topicsOwn)
            .map(({ configName, configValue }) => [configName, configValue]),
        );
      });
      const produce = (value: string, timestamp: number) =>
        Effect.promise(async () => {
          const producer = client.producer();
          await producer.connect();
          await producer.send({ topic, messages: [{ value, timestamp: String(timestamp) }] });
          await producer.disconnect();
        });
      const using = <A, E>(body: Effect.Effect<A, E, EventLog>) =>
        body.pipe(Effect.scoped, Effect.provide(kafkaLayer(broker.address)));

      const lastWeek = Date.now() - 7 * 86_400_000;
      yield* make;
      yield* produce("before", lastWeek);
      const identity = yield* using(
        Effect.gen(function* () {
          const log = yield* EventLog;
          const identity = yield* log.identity;
          expect(yield* overrides).toEqual({
            "retention.ms": "864000000",
            "max.message.bytes": "2000000",
            "message.timestamp.type": "LogAppendTime",
          });
          yield* produce("behind", lastWeek);
          yield* log.append([{ key: "k", value: bytes("ours") }]);
          const records = yield* log.read(0, 0n, 10);
          expect(records.map(({ value }) => String(value))).toEqual(["before", "behind", "ours"]);
          expect(records[0]!.appendedAt).toBe(lastWeek / 1000);
          for (const { appendedAt } of records.slice(1)) {
            expect(Math.abs(appendedAt - Date.now() / 1000)).toBeLessThan(60);
          }
          return identity;
        }),
      );
      expect(identity).toMatch(/^[\w-]{22}$/);
      const again = using(Effect.flatMap(EventLog, (log) => log.identity));
      expect(yield* again).toBe(identity);
      yield* Effect.promise(() => admin.deleteTopics({ topics: [topic] }));
      yield* eventually(Effect.promise(async () => !(await admin.listTopics()).includes(topic)));
      yield* make;
      const other = yield* again;
      expect(other).toMatch(/^[\w-]{22}$/);
      expect(other).not.toBe(identity);
    }).pipe(Effect.scoped),
  120_000,
);
