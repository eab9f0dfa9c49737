/** KafkaPackage: the coordinates of the package by which the Spark that there is reads from Kafka. */
import { execFile } from "node:child_process";
import { Effect } from "effect";
import type { SparkSettings } from "../engines/spark/Settings.ts";
import type { SparkError } from "../engines/spark/SparkError.ts";
import { findSubmit } from "../engines/spark/Submit.ts";

/** What `spark-submit --version` prints, on whichever stream. */
const versionText = (submit: string): Effect.Effect<string> =>
  Effect.async((resume, signal) => {
    execFile(submit, ["--version"], { signal, timeout: 60_000 }, (_, stdout, stderr) =>
      resume(Effect.succeed(`${stdout}\n${stderr}`)),
    );
  });

/** Undefined where the text tells no versions: what is wrong then is said when Spark is started. */
export const packageOf = (text: string): string | undefined => {
  const spark = /\bversion (\d+\.\d+\.\d+)/.exec(text)?.[1];
  const scala = /Scala version (\d+\.\d+)/.exec(text)?.[1];
  return spark === undefined || scala === undefined
    ? undefined
    : `org.apache.spark:spark-sql-kafka-0-10_${scala}:${spark}`;
};

const key = "spark.jars.packages";

/** The settings with the package, beside others that were chosen. */
export const withKafka = (settings: SparkSettings, chosen: string): Effect.Effect<SparkSettings, SparkError> =>
  Effect.gen(function* () {
    if (chosen.trim() === "none") return settings;
    const wanted =
      chosen.trim() === ""
        ? packageOf(yield* Effect.flatMap(findSubmit(settings.submit, process.env), versionText))
        : chosen.trim();
    if (wanted === undefined) return settings;
    const others = settings.conf.get(key);
    return { ...settings, conf: new Map([...settings.conf, [key, [wanted, ...(others ? [others] : [])].join(",")]]) };
  });
