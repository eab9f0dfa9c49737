/** sparkSession: the Spark of a test: on two cores of this machine, in the version that is asked for. */
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SparkSettings } from "../../layers/engines/spark/Settings.ts";

const here = dirname(fileURLToPath(import.meta.url));

export type SparkVersion = "4.0" | "3.5";

/** Makes the version's environment first, where there is none. */
export const sparkAt = (folder: string, version: SparkVersion = "4.0"): SparkSettings => {
  const python = execFileSync(join(here, "../../scripts/engines/spark.sh"), [version], { encoding: "utf8" }).trim();
  return {
    master: "local[2]",
    submit: join(dirname(python), "spark-submit"),
    conf: new Map([
      ["spark.driver.memory", "1g"],
      ["spark.sql.shuffle.partitions", "4"],
    ]),
    folder: join(folder, "spark"),
  };
};

/** The same for few rows: what makes many of them fast takes longer than all of them. */
export const quickSparkAt = (folder: string, version: SparkVersion = "4.0"): SparkSettings => {
  const settings = sparkAt(folder, version);
  return {
    ...settings,
    conf: new Map([
      ...settings.conf,
      ["spark.sql.shuffle.partitions", "2"],
      ["spark.sql.adaptive.enabled", "false"],
      ["spark.sql.codegen.wholeStage", "false"],
      ["spark.driver.extraJavaOptions", "-Duser.timezone=UTC -XX:TieredStopAtLevel=1"],
    ]),
  };
};
