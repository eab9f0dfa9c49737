/**
 * Rates of the Kafka event log: `node scripts/bench/run.mjs kafka --brokers 127.0.0.1:9092 --records 200000`.
 *
 * Appends JSON events of about 180 bytes from 64 callers, each `--batch` at a time; then one member of a new group fetches
 * all of them and commits after each batch. Prints records per second each way, the latency of an append of one record
 * alone, and the processor time of a member that has nothing to do.
 */
import { parseArgs } from "node:util";
import { ConfigProvider, Deferred, Effect, Layer, Queue } from "effect";
import * as EventLogKafka from "../../layers/EventLog/Kafka.ts";
import * as Client from "../../layers/engines/kafka/Client.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { EventLog } from "../../src/ports/EventLog.ts";

const { values } = parseArgs({
  options: {
    brokers: { type: "string", default: "127.0.0.1:9092" },
    records: { type: "string", default: "200000" },
    batch: { type: "string", default: "20" },
  },
});
const total = Number(values.records);
const batch = Number(values.batch);

const event = (n: number) =>
  encodeEvent({
    eventId: `bench-${n}-0123456789abcdef`,
    userId: `user-${n % 5000}`,
    itemId: `0${100_000_000 + (n % 7000)}`,
    eventType: "purchase",
    timestamp: 1_700_000_000 + n,
    quantity: 1,
  });

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const started = performance.now();
    return Effect.map(effect, () => (performance.now() - started) / 1000);
  });

const program = Effect.gen(function* () {
  const log = yield* EventLog;
  const starts = yield* log.endOffsets;
  const calls = Array.from({ length: Math.ceil(total / batch) }, (_, call) =>
    Array.from({ length: batch }, (_, i) => {
      const n = call * batch + i;
      return { key: `user-${n % 5000}`, value: event(n) };
    }),
  );
  const appending = yield* timed(Effect.forEach(calls, (call) => log.append(call), { concurrency: 64 }));
  console.log(`append  ${Math.round(total / appending)} records/s from 64 callers, ${batch} at a time`);
  const alone = yield* timed(Effect.repeatN(log.append([{ key: "user-1", value: event(0) }]), 199));
  console.log(`append  ${((alone / 200) * 1000).toFixed(2)} ms for one record alone`);

  const subscription = yield* log.subscribe(`bench-${Date.now()}`, (partition) => starts[partition]!);
  const ends = yield* log.endOffsets;
  const joined: Array<{ readonly partition: number; readonly epoch: number }> = [];
  while (joined.length < ends.length) joined.push(yield* Queue.take(subscription.signals));
  const fetching = yield* timed(
    Effect.forEach(
      joined,
      ({ epoch, partition }) =>
        Effect.iterate(starts[partition]!, {
          while: (offset) => offset < ends[partition]!,
          body: (offset) =>
            Effect.gen(function* () {
              const records = yield* subscription.fetch(partition, epoch, offset, 500);
              const next = records.at(-1)!.offset + 1n;
              yield* subscription.commit(partition, epoch, next);
              return next;
            }),
        }),
      { concurrency: "unbounded" },
    ),
  );
  console.log(`consume ${Math.round((total + 200) / fetching)} records/s, 500 at a time, each batch committed`);

  yield* Queue.take(subscription.signals).pipe(
    Effect.tap((signal) => (signal._tag === "Released" ? Deferred.succeed(signal.done, undefined) : Effect.void)),
    Effect.forever,
    Effect.forkDaemon,
  );
  yield* Effect.forEach(joined, ({ epoch, partition }) =>
    Effect.fork(subscription.fetch(partition, epoch, ends[partition]!, 500)),
  );
  const before = process.cpuUsage();
  yield* Effect.sleep("5 seconds");
  const used = process.cpuUsage(before);
  console.log(`idle    ${((used.user + used.system) / 50_000).toFixed(1)} % of a core`);
}).pipe(Effect.scoped);

Effect.runFork(
  program.pipe(
    Effect.provide(EventLogKafka.layer.pipe(Layer.provide(Client.layer))),
    Effect.withConfigProvider(
      ConfigProvider.fromMap(new Map([["KAFKA_BROKERS", values.brokers]])).pipe(
        ConfigProvider.orElse(() => ConfigProvider.fromEnv()),
      ),
    ),
  ),
).addObserver((exit) => {
  if (exit._tag === "Failure") console.error(String(exit.cause));
  process.exit(exit._tag === "Success" ? 0 : 1);
});
