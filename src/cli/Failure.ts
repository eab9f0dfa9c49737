/** Failure: what a person reads when a command fails: the sentence of the error, not its stack. */
import { Cause, Chunk, ConfigError } from "effect";
import { printable } from "../domain/Printable.ts";
import { UsageError } from "./UsageError.ts";

const isConfigError = (error: unknown): error is ConfigError.ConfigError =>
  typeof error === "object" && error !== null && ConfigError.ConfigErrorTypeId in error;

/** What is wrong with settings tells its name itself. */
const configSentences = (error: ConfigError.ConfigError): ReadonlyArray<string> =>
  error._op === "And" || error._op === "Or"
    ? [...configSentences(error.left), ...configSentences(error.right)]
    : [error.message];

const sentences = (error: unknown): ReadonlyArray<string> => {
  if (error instanceof UsageError) return error.problems;
  if (isConfigError(error)) return configSentences(error);
  if (typeof error !== "object" || error === null) return [String(error)];
  if ("message" in error && typeof error.message === "string" && error.message !== "") return [error.message];
  return ["_tag" in error ? String(error._tag) : error.constructor.name];
};

/** A message may quote what stood in a file. */
const shown = (sentence: string): string => sentence.split("\n").map(printable).join("\n");

/** One line per failure; a defect, which is a fault of ours, with its stack. */
export const describeFailure = (cause: Cause.Cause<unknown>): string => {
  const failures = Chunk.toReadonlyArray(Cause.failures(cause))
    .flatMap(sentences)
    .map((sentence) => `error: ${shown(sentence)}`);
  const defects = Chunk.toReadonlyArray(Cause.defects(cause)).map(
    (defect) =>
      `this is a fault in Slipstream: ${defect instanceof Error ? (defect.stack ?? defect.message) : String(defect)}`,
  );
  return [...new Set([...failures, ...defects])].join("\n");
};
