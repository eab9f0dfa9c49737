/**
 * Client: how this process talks to Kafka: its settings, one connection that everybody shares, and topics made when absent.
 *
 * A consumer group's member has a connection of its own (`connect`), since the broker answers a connection's requests one
 * after the other and keeps a join waiting for the rest of the group.
 */
import { Context, Duration, Effect, Layer, Redacted, Runtime, Schedule, type Scope } from "effect";
import type { ConfigError } from "effect/ConfigError";
import { type KafkaConfig, Kafka as KafkaJs, logLevel, type SASLOptions } from "kafkajs";
import { type Concealed, conceal } from "../../../src/config/Secrets.ts";
import { values } from "../../../src/config/Setting.ts";
import { eventLog } from "../../../src/config/Shared.ts";
import {
  type Connection,
  type ConnectionOptions,
  type Guarded,
  guarded,
  makeConnection,
  makeReachability,
} from "./Connection.ts";
import { failure, KafkaFailure } from "./KafkaFailure.ts";
import { kafka } from "./Settings.ts";
import { appendTime } from "./Topic.ts";

const settings = values({ ...kafka, partitions: eventLog.partitions, retention: eventLog.retention });
export type KafkaSettings = Effect.Effect.Success<typeof settings>;

/** How long, and up to how many bytes per partition, records are kept; 0: no limit. */
export interface Keep {
  readonly age: Duration.Duration;
  readonly bytes: number;
}

const largestSegment = 2 ** 30;
const smallestSegment = 2 ** 20;

/** Kafka deletes whole segments and never the one that is written: so they are small where little is to be kept. */
const keepEntries = ({ age, bytes }: Keep): ReadonlyArray<{ readonly name: string; readonly value: string }> => {
  const millis = Math.round(Duration.toMillis(age));
  const segment = Math.max(smallestSegment, Math.min(largestSegment, Math.floor(bytes / 8)));
  return [
    { name: "retention.ms", value: String(millis === 0 ? -1 : millis) },
    ...(bytes === 0
      ? []
      : [
          { name: "retention.bytes", value: String(bytes) },
          { name: "segment.bytes", value: String(segment) },
        ]),
  ];
};

export interface KafkaService {
  readonly settings: KafkaSettings;
  readonly shared: Guarded;
  /** A connection of one's own. */
  readonly connect: Effect.Effect<Connection, never, Scope.Scope>;
  /**
   * The topic's number of partitions; makes the topic, with `wanted` partitions and the records kept as `keep` says (by
   * default as the log's), where there is none.
   */
  readonly topic: (name: string, wanted: number, keep?: Keep) => Effect.Effect<number, KafkaFailure>;
}

export class Kafka extends Context.Tag("slipstream/Kafka")<Kafka, KafkaService>() {}

const saslOf = ({ password, sasl, username }: KafkaSettings): SASLOptions | undefined => {
  const user = { username, password: Redacted.value(password) };
  if (sasl === "none") return undefined;
  if (sasl === "plain") return { mechanism: "plain", ...user };
  return sasl === "scram-sha-256" ? { mechanism: "scram-sha-256", ...user } : { mechanism: "scram-sha-512", ...user };
};

/** What kafkajs says is detail: outages are told once by `Reachability`. */
const logCreator = (runtime: Runtime.Runtime<never>, secrets: Concealed): NonNullable<KafkaConfig["logCreator"]> => {
  const run = Runtime.runFork(runtime);
  return () =>
    ({ log, namespace }) =>
      void run(Effect.logDebug(`kafkajs ${namespace}: ${secrets.text(log.message)}`));
};

/** A new topic takes a moment to be known by all brokers. */
const untilKnown = {
  while: (error: KafkaFailure) => error.kind === "stale",
  schedule: Schedule.intersect(Schedule.jittered(Schedule.spaced("200 millis")), Schedule.recurs(25)),
};

export const make = (chosen: KafkaSettings): Effect.Effect<KafkaService, never, Scope.Scope> =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<never>();
    const sasl = saslOf(chosen);
    const secrets = conceal([chosen.username, Redacted.value(chosen.password)]);
    const brokers = chosen.brokers
      .split(",")
      .map((address) => address.trim())
      .filter((address) => address !== "");
    const config: KafkaConfig = {
      clientId: "slipstream",
      brokers,
      connectionTimeout: Math.min(3000, Duration.toMillis(chosen.requestTimeout)),
      logLevel: logLevel.WARN,
      logCreator: logCreator(runtime, secrets),
      ...(chosen.tls ? { ssl: {} } : {}),
      ...(sasl === undefined ? {} : { sasl }),
    };
    const reachability = makeReachability(brokers.join(", "));
    const options = (topics: ReadonlyArray<string>): ConnectionOptions => ({
      config,
      requestTimeout: chosen.requestTimeout,
      topics,
      reachability,
      secrets,
    });
    const known = new Map<string, number>();
    const sharedTopics: Array<string> = [];
    const shared = yield* Effect.flatMap(makeConnection(options(sharedTopics)), guarded);

    const createTopic = (name: string, partitions: number, keep: Keep) =>
      Effect.acquireUseRelease(
        Effect.sync(() => new KafkaJs({ ...config, retry: { retries: 0 } }).admin()),
        (admin) =>
          Effect.tryPromise({
            try: async () => {
              await admin.connect();
              return await admin.createTopics({
                waitForLeaders: false,
                topics: [
                  {
                    topic: name,
                    numPartitions: partitions,
                    replicationFactor: chosen.replication,
                    configEntries: [...keepEntries(keep), appendTime],
                  },
                ],
              });
            },
            catch: failure("createTopic", secrets),
          }),
        (admin) => Effect.promise(() => admin.disconnect().catch(() => undefined)),
      ).pipe(
        Effect.tap((created) =>
          created ? Effect.logInfo(`Created topic ${name} with ${partitions} partitions`) : Effect.void,
        ),
      );

    const look = (name: string) =>
      shared.request("metadata", async (cluster) => {
        await cluster.addTargetTopic(name);
        return cluster.findTopicPartitionMetadata(name).length;
      });
    const topic: KafkaService["topic"] = (name, wanted, keep = { age: chosen.retention, bytes: 0 }) =>
      Effect.suspend(() => {
        const partitions = known.get(name);
        if (partitions !== undefined) return Effect.succeed(partitions);
        return look(name).pipe(
          Effect.catchIf(
            (error) => error.kind === "stale",
            () => Effect.zipRight(createTopic(name, wanted, keep), look(name).pipe(Effect.retry(untilKnown))),
          ),
          Effect.filterOrFail(
            (count) => count > 0,
            () =>
              new KafkaFailure({
                kind: "stale",
                operation: "metadata",
                message: `topic ${name} has no partitions yet`,
              }),
          ),
          Effect.tap((count) =>
            Effect.sync(() => {
              known.set(name, count);
              sharedTopics.push(name);
            }),
          ),
        );
      });

    return { settings: chosen, shared, connect: makeConnection(options([chosen.topic])), topic };
  });

export const layer: Layer.Layer<Kafka, ConfigError> = Layer.scoped(Kafka, Effect.flatMap(settings, make));
