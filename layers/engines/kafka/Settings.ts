/** Settings: where Kafka is, and how to speak with it. */
import { Config, Duration, Redacted } from "effect";
import type { Rule } from "../../../src/config/Check.ts";
import { boolean, choice, duration, integer, type Setting, secret, text } from "../../../src/config/Setting.ts";
import { drainTimeout } from "../../../src/config/Shared.ts";
import * as Address from "./Address.ts";

export const kafka = {
  brokers: text(
    "KAFKA_BROKERS",
    { default: "", description: "Kafka brokers of the event log; unset: embedded." },
    Address.brokers,
  ),
  topic: text(
    "KAFKA_TOPIC",
    { default: "user_events", description: "Topic of the events; created when absent." },
    Address.topic,
  ),
  deadLetterTopic: text(
    "KAFKA_DEAD_LETTER_TOPIC",
    {
      default: "user_events_dead_letters",
      description: "Topic of events that could not be used; created when absent.",
    },
    Address.topic,
  ),
  replication: integer("KAFKA_REPLICATION", {
    default: 1,
    min: 1,
    max: 7,
    description: "Copies of each partition of a topic that is created; 3 where there are three brokers.",
  }),
  tls: boolean("KAFKA_TLS", {
    default: false,
    description: "Encrypt connections; NODE_EXTRA_CA_CERTS names a file of further certificate authorities.",
  }),
  sasl: choice("KAFKA_SASL", ["none", "plain", "scram-sha-256", "scram-sha-512"], {
    default: "none",
    description: "How to authenticate with KAFKA_USERNAME and KAFKA_PASSWORD.",
  }),
  username: text("KAFKA_USERNAME", { default: "", description: "User of KAFKA_SASL." }),
  password: secret("KAFKA_PASSWORD", { description: "Password of KAFKA_SASL." }),
  heartbeat: duration("KAFKA_HEARTBEAT", {
    default: "2 seconds",
    min: "1 millis",
    max: "30 minutes",
    description: "Time between two signs of life of a group's member: how soon it learns of a rebalance.",
  }),
  sessionTimeout: duration("KAFKA_SESSION_TIMEOUT", {
    default: "20 seconds",
    min: "1 millis",
    max: "30 minutes",
    description: "A member without a sign of life for this long loses its partitions, and knows it.",
  }),
  rebalanceTimeout: duration("KAFKA_REBALANCE_TIMEOUT", {
    default: "60 seconds",
    min: "1 millis",
    max: "1 day",
    description: "Longest that a rebalance waits for a member to let go; longer than DRAIN_TIMEOUT.",
  }),
  requestTimeout: duration("KAFKA_REQUEST_TIMEOUT", {
    default: "8 seconds",
    min: "1 millis",
    max: "1 hour",
    description: "Longest wait for a broker's answer.",
  }),
  appendTimeout: duration("KAFKA_APPEND_TIMEOUT", {
    default: "10 seconds",
    min: "1 millis",
    max: "1 hour",
    description: "An append that is not acknowledged by then fails; it may have been written.",
  }),
  fetchWait: duration("KAFKA_FETCH_WAIT", {
    default: "250 millis",
    max: "1 minute",
    description: "Longest that a broker holds a fetch back while there is nothing new.",
  }),
  fetchBytes: integer("KAFKA_FETCH_BYTES", {
    default: 1024 * 1024,
    min: 1024,
    max: 2 ** 30,
    description: "Bytes fetched ahead per partition.",
  }),
};

const onKafka = <A extends Readonly<Record<string, Config.Config<unknown>>>>(
  settings: A,
  broken: (values: { readonly [K in keyof A]: Config.Config.Success<A[K]> }) => string | undefined,
): Rule =>
  Config.map(Config.all({ brokers: kafka.brokers.config, values: Config.all(settings) }), ({ brokers, values }) =>
    brokers === "" ? undefined : broken(values as { readonly [K in keyof A]: Config.Config.Success<A[K]> }),
  );

const shorter = (less: Setting<Duration.Duration>, more: Setting<Duration.Duration>): Rule =>
  onKafka({ less: less.config, more: more.config }, (values) =>
    Duration.lessThan(values.less, values.more)
      ? undefined
      : `${less.env} (${Duration.format(values.less)}) must be shorter than ${more.env} (${Duration.format(values.more)})`,
  );

/** What of it does not fit together, where Kafka is used. */
export const rules: ReadonlyArray<Rule> = [
  shorter(drainTimeout, kafka.rebalanceTimeout),
  shorter(kafka.heartbeat, kafka.sessionTimeout),
  shorter(kafka.fetchWait, kafka.requestTimeout),
  onKafka({ events: kafka.topic.config, letters: kafka.deadLetterTopic.config }, ({ events, letters }) =>
    events === letters
      ? `${kafka.topic.env} and ${kafka.deadLetterTopic.env} must differ: both are ${events}`
      : undefined,
  ),
  onKafka(
    { sasl: kafka.sasl.config, username: kafka.username.config, password: kafka.password.config },
    ({ password, sasl, username }) => {
      if (sasl === "none") return undefined;
      const missing = [
        ...(username === "" ? [kafka.username.env] : []),
        ...(Redacted.value(password) === "" ? [kafka.password.env] : []),
      ];
      return missing.length === 0 ? undefined : `${kafka.sasl.env}=${sasl} needs ${missing.join(" and ")}`;
    },
  ),
];
