/**
 * Spark: the port MicroBatches by Structured Streaming from Kafka.
 *
 * Spark's own memory of offsets is of one run. What it cannot find in the topic fails the run: whoever archives has the words
 * for what is lost, and passes over it.
 */
import { createReadStream } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Deferred, Duration, Effect, Layer, Schema, Stream } from "effect";
import { values } from "../../src/config/Setting.ts";
import { eventLog } from "../../src/config/Shared.ts";
import { rawEvents } from "../../src/domain/TableSchemas.ts";
import {
  type Engine,
  type MicroBatch,
  MicroBatches,
  MicroBatchesError,
  type MicroBatchLimits,
  type Reading,
  type RefusedRecord,
} from "../../src/ports/MicroBatches.ts";
import { TableError, Tables, type TablesService } from "../../src/ports/Tables.ts";
import type { KafkaSettings } from "../engines/kafka/Client.ts";
import { kafka } from "../engines/kafka/Settings.ts";
import { openSession, type SparkProgress, type SparkSession } from "../engines/spark/Session.ts";
import { sparkSettings } from "../engines/spark/Settings.ts";
import type { SparkError } from "../engines/spark/SparkError.ts";
import { appendParts } from "../engines/spark/TakeParts.ts";
import { kafkaOptions } from "./KafkaOptions.ts";
import { withKafka } from "./KafkaPackage.ts";
import { packages } from "./Settings.ts";

const Question = Schema.Struct({
  batch: Schema.Struct({
    next: Schema.Record({ key: Schema.String, value: Schema.BigInt }),
    rows: Schema.Int,
    folder: Schema.String,
    refused: Schema.String,
  }),
});

const RefusedLine = Schema.parseJson(
  Schema.Struct({
    partition: Schema.Int,
    offset: Schema.BigInt,
    appendedAt: Schema.Number,
    value: Schema.Uint8ArrayFromBase64,
  }),
);

/** What scripts/spark/archive.py tells once it could read the topic. */
const readyStage = "reading events";

/** How often Spark looks for what is new. */
const longestTrigger = Duration.seconds(1);

const toError = (error: SparkError): MicroBatchesError => {
  const gone = error.reason === "Lost" || error.reason === "Memory" || error.reason === "Full";
  const reason = error.reason === "Missing" ? "Missing" : gone ? "Lost" : "Failed";
  return new MicroBatchesError({ reason, message: error.message, cause: error });
};

const broken = (cause: unknown): MicroBatchesError =>
  new MicroBatchesError({ reason: "Failed", message: "what Spark told of a micro-batch cannot be read", cause });

/** The records in the file at `path`, where there is one. */
const refusedIn = (path: string): Stream.Stream<RefusedRecord, MicroBatchesError> =>
  Stream.unwrap(
    Effect.map(
      Effect.promise(() =>
        access(path).then(
          () => true,
          () => false,
        ),
      ),
      (there) =>
        there
          ? Stream.fromAsyncIterable(createInterface({ input: createReadStream(path) }), broken).pipe(
              Stream.mapEffect((line) => Effect.mapError(Schema.decode(RefusedLine)(line), broken)),
              Stream.map(({ partition, ...record }) => ({ partition, record })),
            )
          : Stream.empty,
    ),
  );

const batchOf = (tables: TablesService, { batch }: typeof Question.Type): MicroBatch => ({
  rows: batch.rows,
  next: new Map(Object.entries(batch.next).map(([partition, next]) => [Number(partition), next])),
  refused: refusedIn(batch.refused),
  commit: (transactions) =>
    batch.rows === 0
      ? Effect.asVoid(tables.append(rawEvents.name, rawEvents.schema, Stream.empty, transactions))
      : appendParts(tables, rawEvents, batch.folder, transactions).pipe(
          Effect.asVoid,
          Effect.mapError((error) => (error instanceof TableError ? error : toError(error))),
        ),
});

interface Source {
  readonly tables: TablesService;
  readonly session: SparkSession;
  readonly options: Readonly<Record<string, string>>;
  readonly topic: string;
  readonly limits: MicroBatchLimits;
  /** Folders of the session. */
  readonly local: string;
  readonly shared: string;
}

const read = <E, R>(
  { limits, local, options, session, shared, tables, topic }: Source,
  { from, log, ready, take }: Reading<E, R>,
): Effect.Effect<never, MicroBatchesError | E, R> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<R>();
    const found = yield* Deferred.make<void>();
    const offsets = Object.fromEntries([...from].map(([partition, offset]) => [partition, Number(offset)]));
    const kafka = {
      ...options,
      assign: JSON.stringify({ [topic]: [...from.keys()] }),
      startingOffsets: JSON.stringify({ [topic]: offsets }),
      maxOffsetsPerTrigger: String(limits.flushRows),
      minOffsetsPerTrigger: String(limits.flushRows),
      maxTriggerDelay: `${Duration.toMillis(limits.flushAge)}ms`,
      failOnDataLoss: "true",
    };
    const triggerMillis = Duration.toMillis(Duration.min(limits.flushAge, longestTrigger));
    const watch = ({ stage }: SparkProgress) => {
      if (stage === readyStage) Deferred.unsafeDone(found, Effect.void);
    };
    const answer = (question: unknown) =>
      Schema.decodeUnknown(Question)(question).pipe(
        Effect.mapError(broken),
        Effect.flatMap((batch) => take(batchOf(tables, batch))),
        Effect.as(true),
        Effect.provide(context),
      );
    yield* Effect.forkScoped(Effect.zipRight(Deferred.await(found), ready));
    yield* session
      .ask("archive.stream", { kafka, topic, identity: log, local, shared, triggerMillis }, Schema.Unknown, {
        watch,
        answer,
      })
      .pipe(
        Effect.mapError((error) =>
          (error as { readonly _tag?: string })._tag === "SparkError" ? toError(error as SparkError) : (error as E),
        ),
      );
    return yield* new MicroBatchesError({ reason: "Failed", message: "Spark's query ended by itself" });
  }).pipe(Effect.scoped);

/** In PEM, the authorities that Node trusts beside its own. */
const furtherAuthorities: Effect.Effect<string> = Effect.promise(async () => {
  const path = process.env.NODE_EXTRA_CA_CERTS ?? "";
  return path === "" ? "" : await readFile(path, "utf8").catch(() => "");
});

const settings = values({ ...kafka, ...packages, partitions: eventLog.partitions, retention: eventLog.retention });

const make = Effect.gen(function* () {
  const tables = yield* Tables;
  const chosen = yield* settings;
  const spark = yield* sparkSettings;
  return {
    open: (limits: MicroBatchLimits) =>
      Effect.gen(function* () {
        const session = yield* openSession(yield* withKafka(spark, chosen.packages), "archiver");
        const shared = yield* session.staging("archive");
        const local = yield* session.staging("query");
        const options = kafkaOptions(chosen as KafkaSettings, yield* furtherAuthorities);
        const source = { tables, session, options, topic: chosen.topic, limits, local, shared };
        const engine: Engine = {
          about: `Spark ${session.version}, whose log is ${session.log}`,
          read: (reading) => read(source, reading),
        };
        return engine;
      }).pipe(Effect.mapError(toError)),
  };
});

export const layer = Layer.effect(MicroBatches, make);
