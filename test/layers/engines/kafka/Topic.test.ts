import { describe, expect, it } from "@effect/vitest";
import { Effect, Logger } from "effect";
import type { Connection } from "../../../../layers/engines/kafka/Connection.ts";
import { failure } from "../../../../layers/engines/kafka/KafkaFailure.ts";
import { array, compact, int8, int16, int32, string, taggedFields } from "../../../../layers/engines/kafka/Requests.ts";
import { identityOf, stampAppends } from "../../../../layers/engines/kafka/Topic.ts";
import { conceal } from "../../../../src/config/Secrets.ts";
import { type Asked, fakeCluster } from "./fakeBroker.ts";

const id = Buffer.from(Array.from({ length: 16 }, (_, i) => i * 16 + 1));

/** The answer to a Metadata of version 10 about one topic. */
const metadata = (topicId: Buffer, error = 0): Buffer =>
  Buffer.concat([
    taggedFields,
    int32(0),
    Buffer.from([1 + 2]),
    ...[1, 2].flatMap((node) => [
      int32(node),
      compact(Buffer.from("host")),
      int32(9092),
      Buffer.from([0]),
      taggedFields,
    ]),
    compact(Buffer.from("cluster")),
    int32(1),
    Buffer.from([1 + 1]),
    int16(error),
    compact(Buffer.from("t")),
    topicId,
    Buffer.from("what follows is not read"),
  ]);

describe("a topic's identity", () => {
  const clusterId = { metadata: async () => ({ clusterId: "cluster" }) };

  it("is its id, as Kafka's own tools write it", async () => {
    const asked: Array<Asked> = [];
    const cluster = fakeCluster({ 3: 13 }, (one) => {
      asked.push(one);
      return metadata(id);
    });
    const topic = "t".repeat(200);
    expect(await identityOf(cluster, topic)).toBe(id.toString("base64url"));
    expect(asked[0]).toMatchObject({ key: 3, version: 10 });
    expect(asked[0]!.body.includes(Buffer.concat([Buffer.from([(201 & 127) | 128, 1]), Buffer.from(topic)]))).toBe(
      true,
    );
  });

  it("is the cluster's id and the topic's name where there is none", async () => {
    expect(
      await identityOf(
        fakeCluster({ 3: 9 }, () => Buffer.alloc(0), clusterId),
        "t",
      ),
    ).toBe("cluster/t");
    expect(
      await identityOf(
        fakeCluster({ 3: 10 }, () => metadata(Buffer.alloc(16)), clusterId),
        "t",
      ),
    ).toBe("cluster/t");
  });
});

describe("the time of appends", () => {
  const describing = (value: string) => ({
    describeConfigs: async () => ({ resources: [{ configEntries: [{ configName: "x", configValue: value }] }] }),
  });
  const altered = (error: number, text: string) =>
    Buffer.concat([int32(0), array([Buffer.concat([int16(error), string(text), int8(2), string("t")])])]);
  const stamp = (newest: Readonly<Record<number, number>>, time: string, answer: () => Buffer) =>
    Effect.gen(function* () {
      const asked: Array<Asked> = [];
      const lines: Array<string> = [];
      const cluster = fakeCluster(
        newest,
        (one) => {
          asked.push(one);
          return answer();
        },
        describing(time),
      );
      const connection: Connection = {
        request: (operation, send) =>
          Effect.tryPromise({ try: () => send(cluster), catch: failure(operation, conceal([])) }),
      };
      yield* stampAppends(connection, "t").pipe(
        Effect.provide(
          Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ logLevel, message }) => void lines.push(`${logLevel.label} ${message}`)),
          ),
        ),
      );
      return { asked, lines };
    });

  it.effect("is set, by itself, where the topic has its producers'", () =>
    Effect.gen(function* () {
      const { asked, lines } = yield* stamp({ 44: 1 }, "CreateTime", () => altered(0, ""));
      expect(asked).toMatchObject([{ key: 44, version: 0 }]);
      expect(asked[0]!.body).toEqual(
        Buffer.concat([
          array([
            Buffer.concat([
              int8(2),
              string("t"),
              array([Buffer.concat([string("message.timestamp.type"), int8(0), string("LogAppendTime")])]),
            ]),
          ]),
          int8(0),
        ]),
      );
      expect(lines).toEqual(["INFO Set message.timestamp.type=LogAppendTime on topic t"]);
    }),
  );

  it.effect("is left alone where it is the broker's", () =>
    Effect.gen(function* () {
      expect(yield* stamp({ 44: 1 }, "LogAppendTime", () => altered(0, ""))).toEqual({ asked: [], lines: [] });
    }),
  );

  it.effect("stays the producers', and that is said, where the broker refuses or does not know how", () =>
    Effect.gen(function* () {
      for (const [newest, answer, reason] of [
        [{ 44: 1 }, () => altered(29, "not allowed"), "not allowed: TOPIC_AUTHORIZATION_FAILED"],
        [{}, () => Buffer.alloc(0), "older than Kafka 2.3"],
      ] as const) {
        const { lines } = yield* stamp(newest, "CreateTime", answer);
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(/^WARN Topic t keeps the times that its producers give/);
        expect(lines[0]).toContain(reason);
      }
    }),
  );
});
