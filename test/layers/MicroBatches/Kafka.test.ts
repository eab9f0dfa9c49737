/** How Spark is told where Kafka is: our settings as its own, and the package of its version. */
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect } from "effect";
import { kafka } from "../../../layers/engines/kafka/Settings.ts";
import { kafkaOptions } from "../../../layers/MicroBatches/KafkaOptions.ts";
import { packageOf, withKafka } from "../../../layers/MicroBatches/KafkaPackage.ts";
import { rules } from "../../../layers/MicroBatches/Settings.ts";
import { values } from "../../../src/config/Setting.ts";
import { eventLog } from "../../../src/config/Shared.ts";

const optionsOf = (texts: Readonly<Record<string, string>>, authorities = "") =>
  values({ ...kafka, partitions: eventLog.partitions, retention: eventLog.retention }).pipe(
    Effect.map((settings) => kafkaOptions(settings, authorities)),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(texts)))),
  );

describe("Spark's options of Kafka", () => {
  it.effect("say neither user nor encryption where there is none", () =>
    Effect.gen(function* () {
      expect(yield* optionsOf({ KAFKA_BROKERS: "a:1,b:2" }, "PEM")).toEqual({
        "kafka.bootstrap.servers": "a:1,b:2",
        "kafka.security.protocol": "PLAINTEXT",
        "kafka.isolation.level": "read_committed",
        groupIdPrefix: "archiver-spark",
      });
    }),
  );

  it.effect("have user, password and further authorities", () =>
    Effect.gen(function* () {
      const user = { KAFKA_BROKERS: "a:1", KAFKA_USERNAME: 'u"v', KAFKA_PASSWORD: "p\\q", KAFKA_TLS: "true" };
      const plain = yield* optionsOf({ ...user, KAFKA_SASL: "plain" });
      expect(plain).toMatchObject({
        "kafka.security.protocol": "SASL_SSL",
        "kafka.sasl.mechanism": "PLAIN",
        "kafka.sasl.jaas.config":
          'org.apache.kafka.common.security.plain.PlainLoginModule required username="u\\"v" password="p\\\\q";',
      });
      expect(plain).not.toHaveProperty("kafka.ssl.truststore.type");
      const scram = yield* optionsOf({ ...user, KAFKA_SASL: "scram-sha-512" }, "OWN AUTHORITY");
      expect(scram["kafka.sasl.mechanism"]).toBe("SCRAM-SHA-512");
      expect(scram["kafka.sasl.jaas.config"]).toContain("scram.ScramLoginModule");
      expect(scram["kafka.ssl.truststore.certificates"]).toMatch(/BEGIN CERTIFICATE.*OWN AUTHORITY$/s);
    }),
  );
});

describe("Spark's package for Kafka", () => {
  const spark = { master: "local[2]", submit: "/nowhere", folder: "/tmp/none", conf: new Map<string, string>() };

  it("is that of the version of Spark and Scala", () => {
    const banner =
      "   /___/ .__/\\_,_/_/ /_/\\_\\   version 3.5.7\n      /_/\n\nUsing Scala version 2.12.18, OpenJDK, 17.0.15\n";
    expect(packageOf(banner)).toBe("org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.7");
    expect(packageOf("JAVA_HOME is not set")).toBeUndefined();
  });

  it.effect("is what is chosen, beside other packages, or none", () =>
    Effect.gen(function* () {
      const more = { ...spark, conf: new Map([["spark.jars.packages", "a:b:1"]]) };
      expect((yield* withKafka(spark, " x:y:1 ")).conf.get("spark.jars.packages")).toBe("x:y:1");
      expect((yield* withKafka(more, "x:y:1")).conf.get("spark.jars.packages")).toBe("x:y:1,a:b:1");
      expect(yield* withKafka(more, "none")).toEqual(more);
    }),
  );
});

it("ARCHIVER=spark without Kafka is refused by both settings' names", async () => {
  const told = (texts: Readonly<Record<string, string>>) =>
    Effect.runPromise(ConfigProvider.fromMap(new Map(Object.entries(texts))).load(rules[0]!));
  expect(await told({ ARCHIVER: "spark" })).toMatch(/ARCHIVER=spark needs KAFKA_BROKERS/);
  expect(await told({ ARCHIVER: "spark", KAFKA_BROKERS: "a:1" })).toBeUndefined();
  expect(await told({})).toBeUndefined();
});
