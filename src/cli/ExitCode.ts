/** ExitCode: what the process answers to whoever started it. The first page and the README say it in the same words. */
import { Cause, Exit, Option } from "effect";
import { EvaluateError } from "../evaluation/EvaluateError.ts";
import { InputError } from "../intake/InputError.ts";
import { KeysError } from "../keys/KeysError.ts";
import { RefusedModel, refusedCode } from "../models/Shrinkage.ts";
import { SqlError } from "../ports/Sql.ts";
import { CampaignError } from "../serving/recommend/All.ts";
import { GenerateError } from "../simulation/Generate.ts";
import { TuneError } from "../tuning/Problems.ts";
import type { Command } from "./Command.ts";
import { UsageError } from "./UsageError.ts";

export const stopSignals = { SIGINT: 2, SIGTERM: 15 } as const;
export type StopSignal = keyof typeof stopSignals;

/** EX_USAGE of BSD's sysexits: starting again changes nothing. */
const usageErrorCode = 64;

const stoppedCode = (signal: StopSignal): number => 128 + stopSignals[signal];

const meanings: ReadonlyArray<readonly [codes: ReadonlyArray<number>, meaning: string]> = [
  [[0], "done, or a service that was told to stop"],
  [[1], "a failure"],
  [[usageErrorCode], "words or settings that cannot be used, before anything was done"],
  [[refusedCode], "too little to learn from, or to measure: no new model serves"],
  [[stoppedCode("SIGINT"), stoppedCode("SIGTERM")], "stopped before the end"],
];

export const exitCodes = `Exit codes: ${meanings.map(([codes, meaning]) => `${codes.join(" and ")} ${meaning}`).join("; ")}.`;

/** What was typed is no use, though only what is stored, or the clock, could tell. Beyond its command such an error is of files, or ours. */
const isUsage = (error: unknown, command: string | undefined): boolean => {
  if (error instanceof UsageError) return true;
  if (error instanceof CampaignError) return error.reason === "WrongFilter";
  if (error instanceof GenerateError) return error.reason === "Day";
  if (error instanceof KeysError) return error.reason === "BadName";
  if (error instanceof InputError) {
    return error.reason === "BadOption" || (command === "import" && error.reason === "MissingColumn");
  }
  return (
    error instanceof SqlError && command === "sql" && (error.reason === "Statement" || error.reason === "Forbidden")
  );
};

const isTooLittle = (error: unknown): boolean =>
  error instanceof RefusedModel ||
  (error instanceof TuneError && error.reason === "TooLittle") ||
  (error instanceof EvaluateError && error.reason !== "NotWritten");

export const exitCode = (
  exit: Exit.Exit<unknown, unknown>,
  command: Command | undefined,
  signal: StopSignal | undefined,
): number => {
  if (Exit.isSuccess(exit)) return 0;
  const failure = Cause.failureOption(exit.cause);
  if (Option.exists(failure, (error) => isUsage(error, command?.name))) return usageErrorCode;
  if (Option.exists(failure, isTooLittle)) return refusedCode;
  if (!Cause.isInterruptedOnly(exit.cause) || signal === undefined) return 1;
  return command?.service === true ? 0 : stoppedCode(signal);
};
