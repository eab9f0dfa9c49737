/** Settings: what Spark needs to read the event log. */
import { Config } from "effect";
import type { Rule } from "../../src/config/Check.ts";
import { text } from "../../src/config/Setting.ts";
import { archiveEngine } from "../../src/config/Shared.ts";
import { kafka } from "../engines/kafka/Settings.ts";

export const packages = {
  packages: text("SPARK_PACKAGES", {
    default: "",
    description:
      "What Spark fetches to read from Kafka, as Maven coordinates with commas between them; unset: the package of its " +
      "version; `none`: Spark has it.",
  }),
};

const needsKafka: Rule = Config.map(
  Config.all({ engine: archiveEngine.config, brokers: kafka.brokers.config }),
  ({ brokers, engine }) =>
    engine === "spark" && brokers === ""
      ? `${archiveEngine.env}=spark needs ${kafka.brokers.env}: Spark archives from Kafka, the embedded log is read by this process alone`
      : undefined,
);

export const rules: ReadonlyArray<Rule> = [needsKafka];
