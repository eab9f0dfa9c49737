/** KafkaOptions: our settings of Kafka as the options of Spark's source. */
import { rootCertificates } from "node:tls";
import { Redacted } from "effect";
import type { KafkaSettings } from "../engines/kafka/Client.ts";

/** As a value of Java's login configuration. */
const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

const login = ({ password, sasl, username }: KafkaSettings): Readonly<Record<string, string>> => {
  if (sasl === "none") return {};
  const module = sasl === "plain" ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
  const user = `username=${quoted(username)} password=${quoted(Redacted.value(password))}`;
  return {
    "kafka.sasl.mechanism": sasl.toUpperCase(),
    "kafka.sasl.jaas.config": `org.apache.kafka.common.security.${module} required ${user};`,
  };
};

/** `authorities`: certificates in PEM beside those that everybody trusts. */
const trust = ({ tls }: KafkaSettings, authorities: string): Readonly<Record<string, string>> =>
  tls && authorities !== ""
    ? {
        "kafka.ssl.truststore.type": "PEM",
        "kafka.ssl.truststore.certificates": [...rootCertificates, authorities].join("\n"),
      }
    : {};

/** How brokers are spoken with: as our own client does. */
export const kafkaOptions = (settings: KafkaSettings, authorities: string): Readonly<Record<string, string>> => {
  const secured = settings.sasl === "none" ? "" : "SASL_";
  return {
    "kafka.bootstrap.servers": settings.brokers,
    "kafka.security.protocol": `${secured}${settings.tls ? "SSL" : "PLAINTEXT"}`,
    ...login(settings),
    ...trust(settings, authorities),
    "kafka.isolation.level": "read_committed",
    groupIdPrefix: "archiver-spark",
  };
};
