/** KafkaFailure: what a request's error means for the one who sent it. */
import { Schema } from "effect";
import type { Concealed } from "../../../src/config/Secrets.ts";
import { EventLogError } from "../../../src/ports/EventLog.ts";

/**
 * connection: the broker did not answer; what was sent may have taken effect. away: it has not for a while, and nothing was sent. stale: ask another broker, after new metadata.
 * coordinator: the group has moved or loads. rebalancing, outdated (its generation
 * is over), expelled: about the group's member. sequence: the broker knows
 * this producer no more. tooLarge, refused: a person must look. unreadable: bytes of a kind that is not known here, or that
 * the broker itself cannot read; they stay so until a person has looked.
 */
const Kind = Schema.Literal(
  "connection",
  "away",
  "stale",
  "coordinator",
  "rebalancing",
  "outdated",
  "expelled",
  "outOfRange",
  "sequence",
  "tooLarge",
  "unreadable",
  "refused",
);
export type Kind = typeof Kind.Type;

export class KafkaFailure extends Schema.TaggedError<KafkaFailure>()("KafkaFailure", {
  kind: Kind,
  operation: Schema.String,
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

const byType: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["LEADER_NOT_AVAILABLE", "stale"],
  ["NOT_LEADER_FOR_PARTITION", "stale"],
  ["REPLICA_NOT_AVAILABLE", "stale"],
  ["UNKNOWN_TOPIC_OR_PARTITION", "stale"],
  ["FENCED_LEADER_EPOCH", "stale"],
  ["UNKNOWN_LEADER_EPOCH", "stale"],
  ["KAFKA_STORAGE_ERROR", "stale"],
  ["NOT_ENOUGH_REPLICAS", "stale"],
  ["NOT_ENOUGH_REPLICAS_AFTER_APPEND", "stale"],
  ["REQUEST_TIMED_OUT", "stale"],
  ["GROUP_LOAD_IN_PROGRESS", "coordinator"],
  ["GROUP_COORDINATOR_NOT_AVAILABLE", "coordinator"],
  ["NOT_COORDINATOR_FOR_GROUP", "coordinator"],
  ["REBALANCE_IN_PROGRESS", "rebalancing"],
  ["ILLEGAL_GENERATION", "outdated"],
  ["UNKNOWN_MEMBER_ID", "expelled"],
  ["FENCED_INSTANCE_ID", "expelled"],
  ["OFFSET_OUT_OF_RANGE", "outOfRange"],
  ["OUT_OF_ORDER_SEQUENCE_NUMBER", "sequence"],
  ["DUPLICATE_SEQUENCE_NUMBER", "sequence"],
  ["INVALID_PRODUCER_EPOCH", "sequence"],
  ["INVALID_PRODUCER_ID_MAPPING", "sequence"],
  ["UNKNOWN_PRODUCER_ID", "sequence"],
  ["MESSAGE_TOO_LARGE", "tooLarge"],
  ["RECORD_LIST_TOO_LARGE", "tooLarge"],
  ["CORRUPT_MESSAGE", "unreadable"],
  ["UNSUPPORTED_COMPRESSION_TYPE", "unreadable"],
  ["OFFSET_NOT_AVAILABLE", "stale"],
  ["TOPIC_AUTHORIZATION_FAILED", "refused"],
  ["GROUP_AUTHORIZATION_FAILED", "refused"],
  ["CLUSTER_AUTHORIZATION_FAILED", "refused"],
  ["SASL_AUTHENTICATION_FAILED", "refused"],
]);

const byName: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["KafkaJSSASLAuthenticationError", "refused"],
  ["KafkaJSGroupCoordinatorNotFound", "coordinator"],
  ["KafkaJSTopicMetadataNotLoaded", "stale"],
]);

const textOf = (value: unknown, key: string): string | undefined =>
  typeof value === "object" && value !== null && key in value
    ? String((value as Readonly<Record<string, unknown>>)[key])
    : undefined;

/** Of the error codes of an answer that we read ourselves. */
const names: Readonly<Record<number, string>> = {
  1: "OFFSET_OUT_OF_RANGE",
  2: "CORRUPT_MESSAGE",
  3: "UNKNOWN_TOPIC_OR_PARTITION",
  5: "LEADER_NOT_AVAILABLE",
  6: "NOT_LEADER_FOR_PARTITION",
  9: "REPLICA_NOT_AVAILABLE",
  29: "TOPIC_AUTHORIZATION_FAILED",
  31: "CLUSTER_AUTHORIZATION_FAILED",
  56: "KAFKA_STORAGE_ERROR",
  74: "FENCED_LEADER_EPOCH",
  75: "UNKNOWN_LEADER_EPOCH",
  76: "UNSUPPORTED_COMPRESSION_TYPE",
  78: "OFFSET_NOT_AVAILABLE",
};

/** What a broker says of a partition or a topic by the error code `code`. */
export const failureOf = (operation: string, code: number, about: string): KafkaFailure => {
  const name = names[code] ?? `error ${code}`;
  return new KafkaFailure({ kind: byType.get(name) ?? "stale", operation, message: `${about}: ${name}` });
};

/** The kind by the error's Kafka name, else by its class; what is unknown counts as a broken connection, which is made anew. */
export const failure =
  (operation: string, secrets: Concealed) =>
  (error: unknown): KafkaFailure => {
    if (error instanceof KafkaFailure) return error;
    const kind = byType.get(textOf(error, "type") ?? "") ?? byName.get(textOf(error, "name") ?? "") ?? "connection";
    return new KafkaFailure({
      kind,
      operation,
      message: secrets.text(textOf(error, "message") ?? String(error)),
      cause: secrets.cause(error),
    });
  };

/** As the port tells it. */
export const toEventLogError = ({ kind, operation, message, cause }: KafkaFailure): EventLogError =>
  new EventLogError({
    reason: kind === "tooLarge" ? "Corrupt" : "Unavailable",
    operation,
    message: `Kafka: ${message}`,
    cause,
  });

export const released = (operation: string, group: string, partition: number, epoch: number): EventLogError =>
  new EventLogError({
    reason: "Released",
    operation,
    message: `Epoch ${epoch} of partition ${partition} is over in group ${group}`,
  });
