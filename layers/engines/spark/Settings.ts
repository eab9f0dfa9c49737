/** Settings: which Spark is used, and how. */
import { totalmem } from "node:os";
import { Config, Option } from "effect";
import { dataFolder } from "../../../src/config/DataFolder.ts";
import { type Form, text, values } from "../../../src/config/Setting.ts";

export type Conf = ReadonlyMap<string, string>;

/** `KEY=VALUE; KEY=VALUE`. */
export const parseConf = (given: string): Option.Option<Conf> => {
  const entries = given
    .split(";")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const pairs = entries.map((entry) => /^(spark\.[\w.-]+)\s*=\s*(.*)$/.exec(entry));
  return pairs.every((pair) => pair !== null)
    ? Option.some(new Map(pairs.map(([, key = "", value = ""]) => [key, value])))
    : Option.none();
};

/** As Spark itself has it: values of such keys are shown nowhere. */
export const isSecret = (key: string): boolean => /secret|password|token|access[.]?key/i.test(key);

const conf: Form = {
  allowed: "KEY=VALUE with semicolons between them, each KEY beginning with `spark.`",
  parse: (text) => Option.as(parseConf(text), text.trim()),
  secrets: (text) =>
    Option.match(parseConf(text), {
      onNone: () => [],
      onSome: (parsed) => [...parsed].filter(([key]) => isSecret(key)).map(([, value]) => value),
    }),
};

const master: Form = {
  allowed: "local[N], local[*], spark://HOST:PORT, yarn or k8s://https://HOST:PORT",
  parse: (text) =>
    /^(?:local(?:\[(?:\*|\d+)(?:,\d+)?\])?|yarn|(?:spark|k8s):\/\/\S+)$/.test(text.trim())
      ? Option.some(text.trim())
      : Option.none(),
};

export const spark = {
  master: text(
    "SPARK_MASTER",
    {
      default: "local[*]",
      description: "The Spark that is used: on this machine, or a cluster, which needs shared storage.",
    },
    master,
  ),
  submit: text("SPARK_SUBMIT", {
    default: "",
    description: "The program spark-submit, version 3.5 or later; unset: that of SPARK_HOME, else of the PATH.",
  }),
  conf: text(
    "SPARK_CONF",
    { default: "", description: "Further settings of Spark: KEY=VALUE; KEY=VALUE. They win over ours." },
    conf,
  ),
};

export interface SparkSettings {
  readonly master: string;
  /** Empty: found. */
  readonly submit: string;
  readonly conf: Conf;
  /** Where the logs are, and folders of sessions. */
  readonly folder: string;
}

export const sparkSettings: Config.Config<SparkSettings> = Config.map(
  Config.all({ chosen: values(spark), data: dataFolder }),
  ({ chosen, data }) => ({
    master: chosen.master,
    submit: chosen.submit.trim(),
    conf: Option.getOrElse(parseConf(chosen.conf), () => new Map()),
    folder: data.spark,
  }),
);

export const isLocal = (master: string): boolean => master.startsWith("local");

/** What a session is set to, unless SPARK_CONF says otherwise. `folder` is the session's own. */
export const sessionConf = ({ master, conf }: SparkSettings, folder: string): Conf => {
  const always: ReadonlyArray<readonly [string, string]> = [
    ["spark.sql.session.timeZone", "UTC"],
    ["spark.driver.extraJavaOptions", "-Duser.timezone=UTC"],
    ["spark.executor.extraJavaOptions", "-Duser.timezone=UTC"],
    ["spark.sql.ansi.enabled", "false"],
    ["spark.sql.parquet.compression.codec", "snappy"],
    ["spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS"],
    ["spark.sql.files.maxRecordsPerFile", "0"],
    ["spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false"],
    ["spark.sql.warehouse.dir", folder],
    ["spark.ui.enabled", "false"],
    ["spark.ui.showConsoleProgress", "false"],
  ];
  const here: ReadonlyArray<readonly [string, string]> = [
    ["spark.driver.host", "127.0.0.1"],
    ["spark.driver.bindAddress", "127.0.0.1"],
    ["spark.driver.memory", `${Math.max(1024, Math.floor(totalmem() / 2 ** 21))}m`],
    ["spark.local.dir", folder],
    ["spark.sql.shuffle.partitions", "16"],
  ];
  return new Map([...always, ...(isLocal(master) ? here : []), ...conf]);
};
