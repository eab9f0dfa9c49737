/** The Kafka layers over a broker, with times short enough for tests. */
import { Clock, ConfigProvider, Effect, Layer } from "effect";
import * as DeadLettersKafka from "../../layers/DeadLetters/Kafka.ts";
import * as EventLogKafka from "../../layers/EventLog/Kafka.ts";
import * as Client from "../../layers/engines/kafka/Client.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { kafkaBroker } from "./servers.ts";

export const kafkaSettings = (brokers: string, more: Readonly<Record<string, string>> = {}): Map<string, string> =>
  new Map(
    Object.entries({
      KAFKA_BROKERS: brokers,
      KAFKA_HEARTBEAT: "300 millis",
      KAFKA_SESSION_TIMEOUT: "4 seconds",
      KAFKA_REBALANCE_TIMEOUT: "15 seconds",
      KAFKA_REQUEST_TIMEOUT: "3 seconds",
      KAFKA_APPEND_TIMEOUT: "3 seconds",
      PARTITIONS: "4",
      ...more,
    }),
  );

/** EventLog and DeadLetters of a broker that runs already. */
export const kafkaLayer = (brokers: string, more: Readonly<Record<string, string>> = {}) =>
  Layer.mergeAll(EventLogKafka.layer, DeadLettersKafka.layer).pipe(
    Layer.provideMerge(Client.layer),
    Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(kafkaSettings(brokers, more)))),
  );

const clock = Clock.make();
const live = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => Effect.withClock(effect, clock);

/** The ports of a broker of its own, on real time whatever the test's clock: a server knows no other. */
export const ownBroker = Layer.unwrapScoped(Effect.map(live(kafkaBroker), ({ address }) => kafkaLayer(address))).pipe(
  Layer.flatMap((context) =>
    Layer.scopedContext(
      Effect.gen(function* () {
        const log = yield* EventLog;
        const letters = yield* DeadLetters;
        return Layer.mergeAll(
          Layer.succeed(EventLog, {
            ...log,
            identity: live(log.identity),
            partitions: live(log.partitions),
            append: (records) => live(log.append(records)),
            subscribe: (group, start) => live(log.subscribe(group, start)),
            read: (partition, from, max) => live(log.read(partition, from, max)),
            endOffsets: live(log.endOffsets),
            committed: (group) => live(log.committed(group)),
          }),
          Layer.succeed(DeadLetters, {
            append: (some) => live(letters.append(some)),
            list: (limit) => live(letters.list(limit)),
            mark: (some, mark) => live(letters.mark(some, mark)),
            drop: (some) => live(letters.drop(some)),
            stats: live(letters.stats),
          }),
        );
      }).pipe(Effect.flatMap(Layer.build), Effect.provide(context)),
    ),
  ),
  Layer.provide(Layer.setClock(clock)),
);
