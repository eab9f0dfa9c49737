/** ServerSettings: where the real servers are, and how to speak with them. */
import * as Address from "./Address.ts";
import { boolean, choice, duration, integer, secret, text } from "./Setting.ts";

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

export const redis = {
  url: secret(
    "REDIS_URL",
    { description: "Redis or Valkey that holds user states, models and best sellers; unset: embedded." },
    Address.redisUrl,
  ),
  password: secret("REDIS_PASSWORD", { description: "Password of REDIS_URL, where that has none." }),
  cluster: boolean("REDIS_CLUSTER", { default: false, description: "REDIS_URL is a node of a cluster." }),
  prefix: text("REDIS_PREFIX", { default: "slipstream", description: "Begins every key." }),
  userTtl: duration("REDIS_USER_TTL", {
    default: "400 days",
    max: "36500 days",
    description:
      "Who never bought anything is forgotten after this long without events, a day at least; 0 seconds keeps all.",
  }),
};

export const qdrant = {
  url: text(
    "QDRANT_URL",
    { default: "", description: "Qdrant that holds item vectors; unset: embedded." },
    Address.qdrantUrl,
  ),
  apiKey: secret("QDRANT_API_KEY", { description: "API key of QDRANT_URL." }),
  collection: text("QDRANT_COLLECTION", {
    default: "items",
    description: "Alias of the serving model's collection; each model has one named after it, ALIAS_MODEL.",
  }),
  distance: choice("QDRANT_DISTANCE", ["dot", "cosine"], {
    default: "dot",
    description: "Similarity of user and item; the README says which one evaluates better.",
  }),
  exactUpTo: integer("QDRANT_EXACT_UP_TO", {
    default: 200_000,
    min: 0,
    description: "Models of at most this many items are searched exactly, larger ones by their HNSW graph.",
  }),
  timeout: duration("QDRANT_TIMEOUT", {
    default: "2 seconds",
    min: "1 millis",
    max: "1 hour",
    description: "Longest wait for the answer to a search.",
  }),
  loadPatience: duration("QDRANT_LOAD_PATIENCE", {
    default: "10 minutes",
    description: "Longest outage a load sits out, and longest wait for its index to be green.",
  }),
};
