import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { Redis } from "ioredis";
import { Kafka, logLevel } from "kafkajs";
import { start, temporaryFolder } from "../e2e/process.ts";
import { archivedEvents, expectAnswersKept, patientSettings, settled } from "../e2e/upgraded.ts";
import { kafkaBroker, redisServerSyncing } from "./servers.ts";

const fixture = join(import.meta.dirname, "../fixtures/v0.1.0/servers");

interface StoredValue {
  readonly type: "string" | "hash";
  readonly value: string | Readonly<Record<string, string>>;
  readonly expires: boolean;
}

interface StoredLog {
  readonly topics: Readonly<
    Record<
      string,
      {
        readonly partitions: number;
        readonly records: ReadonlyArray<{
          readonly partition: number;
          readonly timestamp: string;
          readonly key: string;
          readonly value: string;
          readonly headers: Readonly<Record<string, string>>;
        }>;
      }
    >
  >;
  readonly groups: Readonly<Record<string, Array<{ partition: number; offset: string }>>>;
}

const read = (name: string): string => readFileSync(join(fixture, name), "utf8");

const restoreRedis = async (port: number): Promise<void> => {
  const redis = new Redis(port);
  for (const [key, { value, expires }] of Object.entries(
    JSON.parse(read("redis.json")) as Record<string, StoredValue>,
  )) {
    if (typeof value === "string") await redis.set(key, Buffer.from(value, "base64"));
    else {
      for (const [field, bytes] of Object.entries(value)) await redis.hset(key, field, Buffer.from(bytes, "base64"));
    }
    if (expires) await redis.pexpire(key, 86_400_000);
  }
  await redis.quit();
};

/** Topics as version 0.1.0 made them, whose records carry the time at which their producer sent them. */
const restoreKafka = async (address: string): Promise<void> => {
  const { groups, topics } = JSON.parse(read("kafka.json")) as StoredLog;
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await admin.connect();
  await producer.connect();
  for (const [topic, { partitions, records }] of Object.entries(topics)) {
    const configEntries = [{ name: "retention.ms", value: "-1" }];
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] });
    await producer.send({ topic, messages: [...records] });
  }
  for (const [groupId, partitions] of Object.entries(groups)) {
    await admin.setOffsets({ groupId, topic: "user_events", partitions });
  }
  await producer.disconnect();
  await admin.disconnect();
};

it.scopedLive("opens a Redis and a topic of version 0.1.0: every event is applied and archived once", () =>
  Effect.gen(function* () {
    const redis = yield* redisServerSyncing;
    const kafka = yield* kafkaBroker;
    const folder = yield* Effect.acquireRelease(Effect.sync(temporaryFolder), ({ remove }) => Effect.sync(remove));
    yield* Effect.promise(async () => {
      await restoreRedis(Number(redis.address.split(":")[1]));
      await restoreKafka(kafka.address);
      const dataDir = join(folder.path, "data");
      cpSync(join(fixture, "data"), dataDir, { recursive: true });
      const program = start(["all-in-one"], {
        DATA_DIR: dataDir,
        REDIS_URL: `redis://${redis.address}`,
        KAFKA_BROKERS: kafka.address,
        ...patientSettings,
      });
      try {
        await expectAnswersKept(await settled(program), read("answers.jsonl"));
      } finally {
        program.child.kill("SIGTERM");
      }
      expect((await program.exit).code).toBe(0);
      expect(await archivedEvents(dataDir)).toHaveLength(67);
    });
  }),
);
