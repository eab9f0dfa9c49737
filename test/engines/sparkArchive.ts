/** sparkArchive: archivers of a broker's topic, each by an engine, and what is in the table then. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Chunk, ConfigProvider, Effect, Layer, Logger, Stream } from "effect";
import * as MicroBatchesSpark from "../../layers/MicroBatches/Spark.ts";
import { make } from "../../layers/Tables/Local.ts";
import { rawEvents } from "../../src/domain/TableSchemas.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { runArchiver } from "../../src/roles/Archive.ts";
import { makeVitals, Vitals, type VitalsService } from "../../src/vitals/Vitals.ts";
import { rowsOf } from "../contracts/Tables.ts";
import { kafkaLayer, kafkaSettings } from "./KafkaLayers.ts";
import { type SparkVersion, sparkAt } from "./sparkSession.ts";

const scripts = fileURLToPath(new URL("../../scripts/engines", import.meta.url));

export interface Place {
  readonly address: string;
  /** DATA_DIR. */
  readonly folder: string;
  readonly version?: SparkVersion;
  readonly more?: Readonly<Record<string, string>>;
  /** Hears what is logged. */
  readonly said?: Array<string>;
  readonly vitals?: VitalsService;
}

/** The jars by which this Spark reads from Kafka. */
const jarsOf = (version: SparkVersion): string =>
  execFileSync(join(scripts, "spark-kafka.sh"), [version], { encoding: "utf8" }).trim();

const tablesOf = (folder: string) => make(`${folder}/delta`);

/** The role, until it is interrupted. */
export const archiving = (engine: "built-in" | "spark", place: Place) => {
  const { address, folder, more = {}, said, version = "4.0", vitals = makeVitals() } = place;
  const spark = sparkAt(folder, version);
  const settings = {
    ...more,
    ARCHIVER: engine,
    DATA_DIR: folder,
    ARCHIVE_FLUSH_AGE: "300 millis",
    MAX_RESTARTS: "100",
    SPARK_MASTER: spark.master,
    SPARK_SUBMIT: spark.submit,
    SPARK_CONF: [...spark.conf, ["spark.jars", jarsOf(version)]].map(([key, value]) => `${key}=${value}`).join("; "),
    SPARK_PACKAGES: "none",
  };
  const logger = Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ message }) => void said?.push(String(message))),
  );
  return runArchiver.pipe(
    Effect.provide(MicroBatchesSpark.layer),
    Effect.provide(kafkaLayer(address, settings)),
    Effect.provideServiceEffect(Tables, tablesOf(folder)),
    Effect.provide(Layer.setConfigProvider(ConfigProvider.fromMap(kafkaSettings(address, settings)))),
    Effect.provideService(Vitals, vitals),
    Effect.provide(logger),
  );
};

/** By partition and offset. */
const byPlace = (rows: ReadonlyArray<ReadonlyArray<unknown>>) => {
  const [partition, offset] = ["log_partition", "log_offset"].map((name) =>
    rawEvents.schema.findIndex((field) => field.name === name),
  );
  const placeOf = (row: ReadonlyArray<unknown>) => Number(row[partition!]) * 2 ** 32 + Number(row[offset!]);
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b));
};

/** Rows and offsets of the archive. */
export const archived = (folder: string) =>
  Effect.gen(function* () {
    const tables = yield* tablesOf(folder);
    const batches = yield* Stream.runCollect(tables.read(rawEvents.name));
    const { files, transactions } = yield* tables.snapshot(rawEvents.name);
    return { rows: byPlace(rowsOf(rawEvents.schema, Chunk.toArray(batches))), transactions, files };
  });

/** The archiver's letters, by place, without the time at which each was kept. */
export const lettersOf = Effect.gen(function* () {
  const kept = yield* (yield* DeadLetters).list(100_000);
  return kept
    .map(({ keptAt: _, ...letter }) => letter)
    .toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
});
