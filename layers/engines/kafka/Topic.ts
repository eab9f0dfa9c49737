/** Topic: what a topic is known by, and whose time its records have. */
import { Effect } from "effect";
import type { Connection } from "./Connection.ts";
import * as Cursor from "./Cursor.ts";
import { failureOf, type KafkaFailure } from "./KafkaFailure.ts";
import { brokerOf, type Cluster, clusterIdOf } from "./Protocol.ts";
import { apis, array, compact, int8, send, string, taggedFields, versionOf } from "./Requests.ts";

const anyBroker = (cluster: Cluster) => brokerOf(cluster, cluster.getNodeIds()[0]!);

const idBytes = 16;

export const encodeMetadata = (topic: string): Buffer =>
  Buffer.concat([
    // The end of the request's header.
    taggedFields,
    Buffer.from([1 + 1]),
    Buffer.alloc(idBytes),
    compact(Buffer.from(topic)),
    taggedFields,
    // Neither makes the topic nor asks for permissions.
    Buffer.alloc(3),
    taggedFields,
  ]);

const brokerIn = (cursor: Cursor.Cursor): void => {
  Cursor.int32(cursor);
  Cursor.compactString(cursor);
  Cursor.int32(cursor);
  Cursor.compactString(cursor);
  Cursor.taggedFields(cursor);
};

/** The id of the one topic asked for, as Kafka's tools write it; undefined where it has none. */
export const decodeTopicId = (answer: Buffer): string | undefined => {
  const cursor = Cursor.cursorOf(answer);
  Cursor.taggedFields(cursor);
  Cursor.int32(cursor); // the throttle
  Cursor.compactArray(cursor, brokerIn);
  Cursor.compactString(cursor); // the cluster
  Cursor.int32(cursor); // its controller
  const [id] = Cursor.compactArray(cursor, (at) => {
    const error = Cursor.int16(at);
    Cursor.compactString(at);
    const bytes = Cursor.view(at, idBytes);
    // What follows is not needed, and more than one topic was not asked for.
    at.at = at.bytes.length;
    return error === 0 && bytes?.some((byte) => byte !== 0) ? bytes.toString("base64url") : undefined;
  });
  return id;
};

/**
 * The topic's id, which a topic made anew under the same name does not have. A cluster from before Kafka 2.8 gives none:
 * there it is the cluster's id and the topic's name.
 */
export const identityOf = async (cluster: Cluster, topic: string): Promise<string> => {
  const broker = await anyBroker(cluster);
  const version = versionOf(broker, apis.metadata);
  const id =
    version === undefined
      ? undefined
      : decodeTopicId(await send(broker, apis.metadata, version, encodeMetadata(topic)));
  return id ?? `${await clusterIdOf(cluster)}/${topic}`;
};

/** When a record was appended is to be the broker's word: a producer's clock may be wrong. */
export const appendTime = { name: "message.timestamp.type", value: "LogAppendTime" };

const topicResource = 2;
const set = 0;

/** What the topic's records have as their time now: `CreateTime` or `LogAppendTime`. */
const timeOf = async (cluster: Cluster, topic: string): Promise<string | undefined> => {
  const broker = await anyBroker(cluster);
  const { resources } = await broker.describeConfigs({
    resources: [{ type: topicResource, name: topic, configNames: [appendTime.name] }],
  });
  return resources[0]?.configEntries[0]?.configValue;
};

/** Sets this one and leaves the topic's other settings as they are. */
const setTime = async (cluster: Cluster, topic: string): Promise<void> => {
  const broker = await anyBroker(cluster);
  const version = versionOf(broker, apis.incrementalAlterConfigs);
  if (version === undefined) return await Promise.reject(new Error("the brokers are older than Kafka 2.3"));
  const change = Buffer.concat([string(appendTime.name), int8(set), string(appendTime.value)]);
  const resource = Buffer.concat([int8(topicResource), string(topic), array([change])]);
  const validateOnly = int8(0);
  const cursor = Cursor.cursorOf(
    await send(broker, apis.incrementalAlterConfigs, version, Buffer.concat([array([resource]), validateOnly])),
  );
  Cursor.int32(cursor); // the throttle
  const [error] = Cursor.array(cursor, (at) => [Cursor.int16(at), Cursor.string(at)] as const);
  if (error === undefined || error[0] === 0) return;
  await Promise.reject(failureOf("appendTime", error[0], error[1] || `topic ${topic}`));
};

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isAway = (error: unknown): boolean =>
  error instanceof Error && /^KafkaJS(Connection|RequestTimeout)/.test(error.name);

/**
 * Sees to it that the broker stamps the topic's records. Where the brokers do not let us, it says so and goes on; fails
 * where they do not answer.
 */
export const stampAppends = (connection: Connection, topic: string): Effect.Effect<void, KafkaFailure> =>
  connection
    .request("appendTime", (cluster) =>
      timeOf(cluster, topic)
        .then((time) => (time === appendTime.value ? "as it was" : setTime(cluster, topic).then(() => "set" as const)))
        .catch((error) => (isAway(error) ? Promise.reject(error) : { refused: textOf(error) })),
    )
    .pipe(
      Effect.flatMap((outcome) => {
        if (outcome === "as it was") return Effect.void;
        if (outcome === "set") return Effect.logInfo(`Set ${appendTime.name}=${appendTime.value} on topic ${topic}`);
        return Effect.logWarning(
          `Topic ${topic} keeps the times that its producers give, and an event is taken to have arrived then: ` +
            `${appendTime.name} cannot be set to ${appendTime.value} (${outcome.refused})`,
        );
      }),
    );
