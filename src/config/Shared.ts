/** Shared: settings that programs of several folders read, or programs and adapters. */
import { choice, duration, integer } from "./Setting.ts";

export const eventLog = {
  partitions: integer("PARTITIONS", {
    default: 8,
    min: 1,
    max: 1024,
    description: "Partitions of a new event log; an existing one keeps its own.",
  }),
  retention: duration("RETENTION", {
    default: "30 days",
    description: "Events older than this are deleted once every consumer group has committed beyond them.",
  }),
};

export const archiveEngine = choice("ARCHIVER", ["built-in", "spark"], {
  default: "built-in",
  description: "What archives events: this process, or Spark, which reads them from Kafka (KAFKA_BROKERS).",
});

export const drainTimeout = duration("DRAIN_TIMEOUT", {
  default: "20 seconds",
  max: "1 day",
  description: "Longest wait for accepted events when a partition is given up or the process stops.",
});

export const tableRetention = duration("TABLE_RETENTION", {
  default: "7 days",
  description: "Data files of older table versions are deleted after a batch.",
});

/** How long a caller of the API may take, and may be kept waiting. */
export const patience = {
  headersTimeout: duration("HEADERS_TIMEOUT", {
    default: "10 seconds",
    min: "100 millis",
    max: "1 hour",
    description: "Longest time from a request's first byte to the end of its headers; then it is answered with 408.",
  }),
  bodyTimeout: duration("BODY_TIMEOUT", {
    default: "30 seconds",
    min: "100 millis",
    max: "1 hour",
    description:
      "Longest time from a request's headers to the end of its body, lines (x-ndjson) apart, which have an hour.",
  }),
  answerTimeout: duration("ANSWER_TIMEOUT", {
    default: "30 seconds",
    min: "100 millis",
    max: "1 hour",
    description: "Longest work on a request, lines (x-ndjson) apart; then it is given up and answered with 503.",
  }),
  keepAliveTimeout: duration("KEEP_ALIVE_TIMEOUT", {
    default: "65 seconds",
    min: "1 second",
    max: "1 hour",
    description:
      "How long a connection without a request is kept: longer than a proxy in front keeps its own, which else finds it closed (502).",
  }),
};

export const popularDays = integer("POPULAR_DAYS", {
  default: 30,
  min: 1,
  max: 36_500,
  description:
    "Days of purchases in which best sellers are counted, doubled until enough items were bought. They are answered while no " +
    "model is loaded; what a model answers goes by its own popularity.",
});
