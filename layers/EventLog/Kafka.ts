/**
 * EventLog on Kafka: a topic keyed by user id, idempotent appends, consumer groups by Kafka's own protocol.
 *
 * Nothing here waits for the broker when it is built: the topic is looked for, and made when absent, by the first use.
 * Exactly once is not Kafka's work: the committed position is a hint, and whoever applies events keeps its own.
 */
import { Effect, Layer } from "effect";
import { partitionOf } from "../../src/domain/Partitioner.ts";
import { backOff } from "../../src/ports/BackOff.ts";
import { EventLog, EventLogError, type EventLogService } from "../../src/ports/EventLog.ts";
import { Kafka } from "../engines/kafka/Client.ts";
import { persistently } from "../engines/kafka/Connection.ts";
import { toEventLogError } from "../engines/kafka/KafkaFailure.ts";
import { makeProducer } from "../engines/kafka/Producer.ts";
import { offsetsOf, readRecords } from "../engines/kafka/Reading.ts";
import { identityOf, stampAppends } from "../engines/kafka/Topic.ts";
import { makeCoordinator } from "./kafka/Coordinator.ts";
import { subscribe } from "./kafka/Subscribe.ts";

const untilReachable = backOff("200 millis", "5 seconds");

const make = Effect.gen(function* () {
  const kafka = yield* Kafka;
  const { settings, shared } = kafka;
  const { topic } = settings;
  let stamped = false;
  /** By the first use, and again after an outage only. */
  const stamp = Effect.suspend(() => {
    if (stamped) return Effect.void;
    stamped = true;
    return Effect.tapErrorCause(stampAppends(shared, topic), () =>
      Effect.sync(() => {
        stamped = false;
      }),
    );
  });
  const partitions = Effect.zipLeft(kafka.topic(topic, settings.partitions), stamp).pipe(
    Effect.mapError(toEventLogError),
  );
  const producer = yield* makeProducer(shared, { ...settings, topic, timeout: settings.appendTimeout });
  let epoch = 0;

  const inRange = (partition: number, operation: string) =>
    partitions.pipe(
      Effect.filterOrFail(
        (count) => partition >= 0 && partition < count,
        (count) =>
          new EventLogError({
            reason: "Unavailable",
            operation,
            message: `There is no partition ${partition}: topic ${topic} has ${count}, counted from 0`,
          }),
      ),
    );

  let known: string | undefined;
  const identity = Effect.suspend(() =>
    known === undefined
      ? Effect.zipRight(
          partitions,
          shared
            .request("identity", (cluster) => identityOf(cluster, topic))
            .pipe(persistently, Effect.mapError(toEventLogError)),
        ).pipe(
          Effect.tap((found) =>
            Effect.sync(() => {
              known = found;
            }),
          ),
        )
      : Effect.succeed(known),
  );

  const service: EventLogService = {
    identity,
    partitions,
    append: (records) =>
      Effect.flatMap(partitions, (count) =>
        producer.append(
          records.map(({ key, value }) => ({
            partition: partitionOf(key, count),
            key: Buffer.from(key),
            value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
          })),
        ),
      ),
    subscribe: (group, start) =>
      Effect.retry(partitions, untilReachable).pipe(
        Effect.flatMap((count) => subscribe(kafka, count, () => ++epoch, group, start)),
      ),
    read: (partition, from, max) =>
      Effect.zipRight(
        inRange(partition, "read"),
        readRecords(shared, topic, { partition, offset: from }, max, settings.fetchBytes).pipe(
          Effect.mapError(toEventLogError),
        ),
      ),
    startOffsets: Effect.flatMap(partitions, (count) =>
      offsetsOf(shared, topic, count, "first").pipe(Effect.mapError(toEventLogError)),
    ),
    endOffsets: Effect.flatMap(partitions, (count) =>
      offsetsOf(shared, topic, count, "end").pipe(Effect.mapError(toEventLogError)),
    ),
    committed: (group) =>
      Effect.flatMap(partitions, (count) =>
        makeCoordinator(shared, { ...settings, group, partitions: count }).committed.pipe(
          Effect.mapError(toEventLogError),
        ),
      ),
  };
  return service;
});

export const layer: Layer.Layer<EventLog, never, Kafka> = Layer.scoped(EventLog, make);
