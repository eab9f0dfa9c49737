/** The archive by Spark beside ours: the same rows, offsets and dead letters, whoever writes, and whoever dies meanwhile. */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "@effect/vitest";
import { Effect, Fiber } from "effect";
import { Kafka as KafkaJs, logLevel } from "kafkajs";
import { archivedOffsets, rawEvents } from "../../src/domain/TableSchemas.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { makeVitals } from "../../src/vitals/Vitals.ts";
import { kafkaLayer } from "./KafkaLayers.ts";
import { eventually, everything, numberOf, produce, type Told, userOf } from "./NumberedEvents.ts";
import { kafkaBroker, kafkaBrokerWithUsers } from "./servers.ts";
import { archived, archiving, lettersOf } from "./sparkArchive.ts";
import type { SparkVersion } from "./sparkSession.ts";

const folderOf = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "spark-archive-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
);

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Events of every kind, some of them none. */
const mixed = (n: number): Uint8Array => {
  const good = { user_id: userOf(n), item_id: `é${n}`, event_type: "click", timestamp: 1_600_000_000 + n / 8 };
  const replay = { partition: 1, offset: String(n), archived: n % 2 === 0, missed: ["m"] };
  switch (n % 12) {
    case 0:
      return new Uint8Array();
    case 1:
      return utf8("{");
    case 2:
      return utf8(JSON.stringify({ ...good, timestamp: n }));
    case 3:
      return utf8(JSON.stringify({ ...good, replay_of: replay }));
    case 4:
      return utf8(
        JSON.stringify({
          ...good,
          user_idx: n,
          item_idx: null,
          quantity: 3,
          event_type: "stare 😀",
          recommendation_id: null,
        }),
      );
    case 5:
      return utf8(JSON.stringify({ ...good, item_id: { deep: [n, "x".repeat(100)] } }));
    case 6:
      return utf8(JSON.stringify(good).replace("é", "\\ud83d"));
    default:
      return utf8(JSON.stringify({ ...good, event_id: `e-${n}`, recommendation_id: `of ${n} é` }));
  }
};

/** Whether the table stands at the log's ends. */
const isDone = (folder: string) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const offsets = archivedOffsets((yield* archived(folder)).transactions, yield* log.identity);
    return (yield* log.endOffsets).every((end, partition) => (offsets.get(partition) ?? 0n) === end);
  });

/** Deletes what the topic's partitions hold below an offset, as retention does. */
const deleteBelow = (address: string, offset: number) =>
  Effect.promise(async () => {
    const admin = new KafkaJs({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const partitions = [0, 1, 2, 3].map((partition) => ({ partition, offset: String(offset) }));
    // By which the client learns of the topic.
    await admin.fetchTopicOffsets("user_events");
    await admin.deleteTopicRecords({ topic: "user_events", partitions });
    await admin.disconnect();
  });

for (const version of ["4.0", "3.5"] satisfies ReadonlyArray<SparkVersion>) {
  const isShort = version === "3.5";
  const what = isShort
    ? "rows, offsets and letters that ours does, of a topic whose beginning is gone"
    : "rows, offsets and letters that ours does";
  it.scopedLive(`Spark ${version} archives the ${what}`, () =>
    Effect.gen(function* () {
      const { address } = yield* kafkaBroker;
      const fill = Effect.gen(function* () {
        const log = yield* EventLog;
        yield* log.append(Array.from({ length: 2400 }, (_, n) => ({ key: userOf(n), value: mixed(n) })));
      });
      yield* Effect.provide(fill, kafkaLayer(address));
      if (isShort) yield* deleteBelow(address, 100);
      const archiveBy = (engine: "spark" | "built-in") =>
        Effect.gen(function* () {
          const folder = yield* folderOf;
          const said: Array<string> = [];
          const more = { KAFKA_DEAD_LETTER_TOPIC: `letters_${engine}` };
          const letters = Effect.gen(function* () {
            const role = yield* Effect.fork(archiving(engine, { address, folder, more, said, version }));
            yield* Effect.raceFirst(eventually(isDone(folder)), Fiber.join(role));
            yield* Fiber.interrupt(role);
            return yield* lettersOf;
          });
          const found = { letters: yield* Effect.provide(letters, kafkaLayer(address, more)), said };
          const left = yield* Effect.promise(() => readdir(join(folder, "spark", "work")).catch(() => []));
          expect(left).toEqual([]);
          return { ...(yield* archived(folder)), ...found };
        });
      const spark = yield* archiveBy("spark");
      const ours = yield* archiveBy("built-in");
      expect(spark.rows.length).toBeGreaterThan(1000);
      expect(spark.rows).toEqual(ours.rows);
      expect(spark.transactions).toEqual(ours.transactions);
      expect(spark.letters.length).toBeGreaterThan(600);
      expect(spark.letters).toEqual(ours.letters);
      expect(spark.said.filter((line) => line.includes("starts over"))).toHaveLength(isShort ? 1 : 0);
      expect(spark.said.filter((line) => line.includes("goes on behind the gap"))).toHaveLength(isShort ? 4 : 0);
    }),
  );
}

/** SIGKILL to the Spark whose session is in this folder. */
const killSpark = (folder: string) =>
  Effect.sync(() => {
    const isSparks = (pid: string): boolean => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(join(folder, "spark"));
      } catch {
        return false;
      }
    };
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isSparks(name));
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch (error) {
        // One of them ends by itself once the one that it works for is dead.
        expect(error).toMatchObject({ code: "ESRCH" });
      }
    }
  });

it.scopedLive(
  "archivers of both kinds take over from one another under load, and from a Spark that is killed",
  () =>
    Effect.gen(function* () {
      const { addresses } = yield* kafkaBrokerWithUsers;
      const folder = yield* folderOf;
      const more = { KAFKA_SASL: "scram-sha-256", KAFKA_USERNAME: "shop", KAFKA_PASSWORD: "secret" };
      const address = addresses[2]!;
      const said: Array<string> = [];

      const start = (engine: "built-in" | "spark") =>
        Effect.map(
          Effect.fork(Effect.suspend(() => archiving(engine, { address, folder, more, said, vitals: vitals[engine] }))),
          (role) => ({
            role,
            vitals: vitals[engine],
          }),
        );
      const vitals = { "built-in": makeVitals(), spark: makeVitals() };
      const owns = (engine: "built-in" | "spark") =>
        [...vitals[engine].groups].flatMap(({ partitions }) => [...partitions.keys()]).length;
      /** Owns so many partitions, and has written since. */
      const writes = (engine: "built-in" | "spark", partitions: number) =>
        Effect.suspend(() => {
          let before: number | undefined;
          return eventually(
            Effect.sync(() => {
              if (owns(engine) !== partitions) return false;
              before ??= vitals[engine].archive.rows;
              return vitals[engine].archive.rows > before;
            }),
          );
        });

      yield* Effect.gen(function* () {
        const log = yield* EventLog;
        const told: Told = new Map();
        const producer = yield* Effect.fork(produce(log, told, "40 millis"));
        const first = yield* start("built-in");
        yield* writes("built-in", 4);
        const spark = yield* start("spark");
        yield* Effect.all([writes("spark", 2), writes("built-in", 2)]);
        yield* Fiber.interrupt(first.role);
        yield* writes("spark", 4);
        yield* killSpark(folder);
        yield* eventually(Effect.sync(() => said.some((line) => line.startsWith("archiver waits, Spark away"))));
        yield* eventually(Effect.sync(() => said.some((line) => line.startsWith("archiver goes on: Spark back"))));
        yield* writes("spark", 4);
        const second = yield* start("built-in");
        yield* Effect.all([writes("spark", 2), writes("built-in", 2)]);
        yield* Fiber.interrupt(spark.role);
        yield* writes("built-in", 4);
        yield* Fiber.interrupt(producer);
        yield* eventually(isDone(folder));
        yield* Fiber.interrupt(second.role);

        const { rows } = yield* archived(folder);
        const wanted = (yield* everything).flatMap((records, partition) =>
          records.map((record) => [partition, record.offset, `n-${numberOf(record)}`]),
        );
        const places = ["log_partition", "log_offset", "event_id"].map((name) =>
          rawEvents.schema.findIndex((field) => field.name === name),
        );
        expect(rows.map((row) => places.map((at) => row[at]))).toEqual(wanted);
        expect(wanted.length).toBeGreaterThan(200);
        expect(said.filter((line) => line.startsWith("archiver waits, Spark away"))).toHaveLength(1);
      }).pipe(Effect.provide(kafkaLayer(address, more)));
    }),
  600_000,
);
