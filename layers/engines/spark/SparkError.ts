/** SparkError: why Spark did not do what it was asked for, in one line. */
import { Schema } from "effect";

export class SparkError extends Schema.TaggedError<SparkError>()("SparkError", {
  /**
   * Missing: it cannot be started; the message says what is not there and how to get it. Lost: its driver died. Full: no
   * space, or not writable. Memory: more than it was given. BadFile: a file is missing or damaged. Failed: all else.
   */
  reason: Schema.Literal("Missing", "Lost", "Full", "Memory", "BadFile", "Failed"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

type Reason = SparkError["reason"];

const remedies: Partial<Readonly<Record<Reason, string>>> = {
  Full: "free some space where the tables are and where Spark has its local folders",
  Memory: "give Spark more, as in SPARK_CONF='spark.driver.memory=8g; spark.executor.memory=8g'",
};

const isReason = (kind: string): kind is Reason =>
  kind === "Missing" || kind === "Lost" || kind === "Full" || kind === "Memory" || kind === "BadFile";

/** What the driver said, with what can be done about it, and where all of it is. */
export const sparkError = (kind: string, said: string, log: string, cause?: unknown): SparkError => {
  const reason = isReason(kind) ? kind : "Failed";
  const remedy = remedies[reason];
  const advice = remedy === undefined ? "" : `: ${remedy}`;
  const message = reason === "Missing" ? said : `${said.replace(/[.:]$/, "")}${advice} (Spark's log: ${log})`;
  return new SparkError({ reason, message, cause });
};
