import { expect, it } from "@effect/vitest";
import { Duration, Effect, Fiber, TestClock } from "effect";
import type { Guarded } from "../../../../layers/engines/kafka/Connection.ts";
import { KafkaFailure } from "../../../../layers/engines/kafka/KafkaFailure.ts";
import { makeProducer } from "../../../../layers/engines/kafka/Producer.ts";
import { fakeCluster } from "./fakeBroker.ts";

const timeout = Duration.seconds(10);

const away = new KafkaFailure({ kind: "away", operation: "append", message: "it has been away for 60 s" });

/** Brokers that give each record the next offset while they answer; `appended` is what they took. */
const makeBrokers = () => {
  const appended: Array<string> = [];
  const state = { hangs: false, isLongAway: false, requests: 0 };
  const cluster = fakeCluster({}, () => Buffer.alloc(0), {
    initProducerId: async () => ({ producerId: "1", producerEpoch: 0 }),
    findLeaderForPartitions: (_: string, partitions: ReadonlyArray<number>) => ({ 1: partitions }),
    produce: async ({
      topicData,
    }: {
      readonly topicData: ReadonlyArray<{
        readonly partitions: ReadonlyArray<{ readonly messages: ReadonlyArray<{ readonly value: Buffer }> }>;
      }>;
    }) => {
      const baseOffset = String(appended.length);
      for (const { value } of topicData[0]!.partitions[0]!.messages) appended.push(String(value));
      return { topics: [{ partitions: [{ partition: 0, baseOffset }] }] };
    },
  });
  const connection: Guarded = {
    request: (operation, send, patience = timeout) =>
      Effect.suspend(() => {
        state.requests += 1;
        return state.hangs
          ? Effect.timeoutFail(Effect.never, {
              duration: patience,
              onTimeout: () => new KafkaFailure({ kind: "connection", operation, message: "no answer" }),
            })
          : Effect.promise(() => send(cluster));
      }),
    unlessLongAway: () => Effect.suspend(() => (state.isLongAway ? Effect.fail(away) : Effect.void)),
  };
  return { appended, connection, state };
};

const record = (value: string) => [{ partition: 0, key: Buffer.from("k"), value: Buffer.from(value) }];

it.scoped("fails each append after its own timeout, whichever round it is in", () =>
  Effect.gen(function* () {
    const { connection, state } = makeBrokers();
    const { append } = yield* makeProducer(connection, { topic: "t", timeout, requestTimeout: Duration.seconds(8) });
    state.hangs = true;
    const begin = (value: string) =>
      Effect.fork(Effect.map(Effect.timed(Effect.flip(append(record(value)))), ([took]) => Duration.toSeconds(took)));
    const first = yield* begin("first");
    yield* TestClock.adjust("2 seconds");
    const second = yield* begin("second");
    yield* TestClock.adjust("7 seconds");
    const third = yield* begin("third");
    yield* TestClock.adjust("60 seconds");
    expect(yield* Fiber.join(Fiber.all([first, second, third]))).toEqual([10, 10, 10]);
  }),
);

it.scoped("sends nothing that nobody waits for any more, once the brokers answer again", () =>
  Effect.gen(function* () {
    const { appended, connection, state } = makeBrokers();
    const { append } = yield* makeProducer(connection, { topic: "t", timeout, requestTimeout: Duration.seconds(8) });
    expect(yield* append(record("before"))).toEqual([{ partition: 0, offset: 0n }]);
    state.hangs = true;
    const [first, second] = yield* Effect.all([
      Effect.fork(Effect.either(append(record("first")))),
      Effect.fork(Effect.delay(Effect.either(append(record("second"))), "2 seconds")),
    ]);
    yield* TestClock.adjust("30 seconds");
    expect([yield* Fiber.join(first), yield* Fiber.join(second)].map(({ _tag }) => _tag)).toEqual(["Left", "Left"]);
    state.hangs = false;
    expect(yield* append(record("after"))).toEqual([{ partition: 0, offset: 1n }]);
    expect(appended).toEqual(["before", "after"]);
  }),
);

it.scoped("sends nothing to brokers that have been away for long", () =>
  Effect.gen(function* () {
    const { appended, connection, state } = makeBrokers();
    const { append } = yield* makeProducer(connection, { topic: "t", timeout, requestTimeout: Duration.seconds(8) });
    state.isLongAway = true;
    const failure = yield* Effect.flip(append(record("lost")));
    expect([failure.reason, failure.message]).toEqual(["Unavailable", "Kafka: it has been away for 60 s"]);
    expect([state.requests, appended]).toEqual([0, []]);
    state.isLongAway = false;
    yield* append(record("kept"));
    expect(appended).toEqual(["kept"]);
  }),
);
