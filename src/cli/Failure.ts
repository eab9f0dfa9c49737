/** Failure: what a person reads when a command fails: the sentence of the error, not its stack. */
import { Cause, Chunk, ConfigError, Option } from "effect";

const isConfigError = (error: unknown): error is ConfigError.ConfigError =>
  typeof error === "object" && error !== null && ConfigError.ConfigErrorTypeId in error;

const configSentence = (error: ConfigError.ConfigError): string => {
  switch (error._op) {
    case "And":
    case "Or":
      return [configSentence(error.left), configSentence(error.right)].join("; ");
    case "MissingData":
    case "InvalidData":
    case "SourceUnavailable":
    case "Unsupported":
      return `setting ${error.path.join("_")}: ${error.message}`;
  }
};

const sentence = (error: unknown): string => {
  if (isConfigError(error)) return configSentence(error);
  if (typeof error === "object" && error !== null && "message" in error && typeof error.message === "string") {
    return error.message === "" && "_tag" in error ? String(error._tag) : error.message;
  }
  return String(error);
};

/** One line per failure; a defect, which is a fault of ours, with its stack. */
export const describeFailure = (cause: Cause.Cause<unknown>): string => {
  const failures = Chunk.toReadonlyArray(Cause.failures(cause)).map((error) => `error: ${sentence(error)}`);
  const defects = Chunk.toReadonlyArray(Cause.defects(cause)).map(
    (defect) =>
      `this is a fault in Slipstream: ${defect instanceof Error ? (defect.stack ?? defect.message) : String(defect)}`,
  );
  return [...new Set([...failures, ...defects])].join("\n");
};

export const isOnlyInterruption = (cause: Cause.Cause<unknown>): boolean =>
  Cause.isInterruptedOnly(cause) && Option.isNone(Cause.failureOption(cause));
