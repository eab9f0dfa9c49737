/**
 * Producer: idempotent appends to one topic, acknowledged by all in-sync replicas.
 *
 * Calls that arrive while a round is on its way share the next one. One round is on its way at a time, and it is sent again
 * with the same sequence numbers until the broker acknowledges it, so that retries neither reorder nor duplicate. When a
 * round is given up, nobody knows whether it was written: its sequence numbers must not be used for other records, which the
 * broker would take for a repetition and drop. So the next round begins with a new producer id.
 *
 * A call fails at its own deadline, in whichever round it is by then; a round is given up when nobody waits for it any more.
 */
import { Chunk, Clock, Deferred, Duration, Effect, Exit, Queue, type Scope } from "effect";
import { backOff, before } from "../../../src/ports/BackOff.ts";
import { EventLogError, type Position } from "../../../src/ports/EventLog.ts";
import type { Guarded } from "./Connection.ts";
import { KafkaFailure, toEventLogError } from "./KafkaFailure.ts";
import { brokerOf, type IHeaders } from "./Protocol.ts";
import { gather, type Records, settle } from "./Round.ts";

export interface Outgoing {
  readonly partition: number;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers?: IHeaders;
}

export interface Producer {
  /**
   * Positions in the order of the records. Fails after `timeout`, and may have been written then. Where the brokers have been away for
   * as long as that, it fails within a second, and nothing was sent.
   */
  readonly append: (records: ReadonlyArray<Outgoing>) => Effect.Effect<ReadonlyArray<Position>, EventLogError>;
}

export interface ProducerOptions {
  readonly topic: string;
  readonly timeout: Duration.Duration;
  readonly requestTimeout: Duration.Duration;
}

interface Call extends Records<Outgoing> {
  readonly deadline: number;
  readonly done: Deferred.Deferred<ReadonlyArray<Position>, EventLogError>;
}

interface Identity {
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly sequences: Map<number, number>;
}

interface ProduceAnswer {
  readonly topics: ReadonlyArray<{
    readonly partitions: ReadonlyArray<{ readonly partition: number; readonly baseOffset: string }>;
  }>;
}

/** A round's size: some five milliseconds' work, and well below what a broker takes in one batch by default (1 MiB). */
const roundBytes = 128 * 1024;
const queuedCalls = 1024;
const largestSequence = 2 ** 31 - 1;

const unanswered = new EventLogError({
  reason: "Unavailable",
  operation: "append",
  message: "Kafka does not acknowledge what is appended",
});

const sizeOf = ({ key, value }: Outgoing): number => key.length + value.length + 64;

const isFinal = ({ kind }: KafkaFailure): boolean => kind === "tooLarge" || kind === "refused" || kind === "sequence";

/** The sending fiber ends with the scope; calls without an answer by then fail. */
export const makeProducer = (
  connection: Guarded,
  options: ProducerOptions,
): Effect.Effect<Producer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { topic } = options;
    const calls = yield* Queue.bounded<Call>(queuedCalls);
    let identity: Identity | undefined;
    let waiting: ReadonlyArray<Call> = [];

    /** Gives up, and the connection with it, at the deadline. */
    const requestBy = <A>(deadline: number, operation: string, ask: Parameters<typeof connection.request<A>>[1]) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        connection.request(operation, ask, Duration.millis(Math.max(1, deadline - now))),
      );

    const identify = (deadline: number): Effect.Effect<Identity, KafkaFailure> =>
      Effect.suspend(() =>
        identity === undefined
          ? requestBy(deadline, "initProducerId", async (cluster) => {
              const nodes = cluster.getNodeIds();
              const broker = await brokerOf(cluster, nodes[Date.now() % nodes.length]!);
              return broker.initProducerId({ transactionTimeout: 60_000 });
            }).pipe(
              Effect.map(({ producerEpoch, producerId }) => {
                identity = { producerId, producerEpoch, sequences: new Map() };
                return identity;
              }),
            )
          : Effect.succeed(identity),
      );

    /** Sends what is still to be acknowledged, leader by leader; answers with base offsets and removes it from `left`. */
    const attempt = (
      left: Map<number, ReadonlyArray<Outgoing>>,
      bases: Map<number, bigint>,
      deadline: number,
    ): Effect.Effect<void, KafkaFailure> =>
      Effect.gen(function* () {
        const { producerEpoch, producerId, sequences } = yield* identify(deadline);
        const leaders = yield* requestBy(deadline, "leaders", (cluster) =>
          Promise.resolve(cluster.findLeaderForPartitions(topic, [...left.keys()])),
        );
        const results = yield* Effect.forEach(
          Object.entries(leaders),
          ([leader, partitions]) =>
            requestBy(deadline, "append", async (cluster) => {
              const broker = await brokerOf(cluster, leader);
              const answer: ProduceAnswer = await broker.produce({
                producerId: producerId as never,
                producerEpoch,
                acks: -1,
                timeout: Duration.toMillis(options.requestTimeout),
                topicData: [
                  {
                    topic,
                    partitions: partitions.map((partition) => ({
                      partition,
                      firstSequence: sequences.get(partition) ?? 0,
                      messages: [...left.get(partition)!],
                    })),
                  },
                ],
              });
              return answer;
            }).pipe(
              Effect.tap(({ topics }) =>
                Effect.sync(() => {
                  for (const { baseOffset, partition } of topics[0]!.partitions) {
                    const count = left.get(partition)!.length;
                    // Sequence numbers wrap from the largest to 0.
                    sequences.set(partition, ((sequences.get(partition) ?? 0) + count) % (largestSequence + 1));
                    bases.set(partition, BigInt(baseOffset));
                    left.delete(partition);
                  }
                }),
              ),
              Effect.either,
            ),
          { concurrency: "unbounded" },
        );
        for (const result of results) if (result._tag === "Left") return yield* result.left;
      });

    /** The base offset per partition, or the failure at which the round was given up. */
    const send = (partitions: ReadonlyMap<number, ReadonlyArray<Outgoing>>, deadline: number) =>
      Effect.gen(function* () {
        const left = new Map(partitions);
        const bases = new Map<number, bigint>();
        const leaderless = Effect.suspend(() =>
          Effect.fail(
            new KafkaFailure({ kind: "stale", operation: "append", message: `topic ${topic} has no leader` }),
          ),
        );
        const isDone = () => left.size === 0;
        const complete = attempt(left, bases, deadline).pipe(
          Effect.catchIf(isDone, () => Effect.void),
          Effect.zipRight(Effect.unless(leaderless, isDone)),
        );
        return yield* complete.pipe(
          Effect.retry({
            while: (failed) => !isFinal(failed),
            schedule: before(deadline)(backOff("50 millis", "2 seconds")),
          }),
          Effect.mapError((failed) => {
            identity = undefined;
            return toEventLogError(failed);
          }),
          Effect.as(bases),
        );
      });

    const round = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis;
      // Nobody waits for them any more.
      waiting = waiting.filter(({ deadline }) => deadline > now);
      const { partitions, parts } = gather(waiting, sizeOf, roundBytes);
      if (parts.length === 0) return;
      const deadline = Math.max(...parts.map(({ call }) => call.deadline));
      const exit = yield* Effect.exit(send(partitions, deadline));
      for (const part of parts) {
        const { call } = part;
        if (Exit.isSuccess(exit) && !settle(part, exit.value)) continue;
        waiting = waiting.filter((other) => other !== call);
        yield* Deferred.done(call.done, Exit.as(exit, call.positions));
      }
    });

    yield* Effect.suspend(() =>
      waiting.length === 0 ? Queue.takeBetween(calls, 1, queuedCalls) : Queue.takeAll(calls),
    ).pipe(
      Effect.flatMap((more) => {
        waiting = [...waiting, ...Chunk.toReadonlyArray(more)];
        return round;
      }),
      Effect.forever,
      Effect.forkScoped,
    );

    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        const closing = new EventLogError({
          reason: "Unavailable",
          operation: "append",
          message: "The event log is closing",
        });
        for (const call of [...waiting, ...(yield* Queue.takeAll(calls))]) yield* Deferred.fail(call.done, closing);
        yield* Queue.shutdown(calls);
      }),
    );

    const append: Producer["append"] = (records) =>
      records.length === 0
        ? Effect.succeed([])
        : Effect.gen(function* () {
            yield* Effect.mapError(connection.unlessLongAway(options.timeout), toEventLogError);
            const now = yield* Clock.currentTimeMillis;
            const done = yield* Deferred.make<ReadonlyArray<Position>, EventLogError>();
            const deadline = now + Duration.toMillis(options.timeout);
            const asked = Effect.zipRight(
              Queue.offer(calls, { records, positions: [], deadline, done, sent: 0 }),
              Deferred.await(done),
            );
            return yield* Effect.timeoutFail(asked, { duration: options.timeout, onTimeout: () => unanswered });
          });
    return { append };
  });
