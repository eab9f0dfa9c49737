/** ExitCode: what the process answers to whoever started it. The first page and the README say it in the same words. */
import { Cause, Exit, Option } from "effect";
import { RefusedModel, refusedCode } from "../models/Shrinkage.ts";
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
  [[refusedCode], "too little to learn from: no new model serves"],
  [[stoppedCode("SIGINT"), stoppedCode("SIGTERM")], "stopped before the end"],
];

export const exitCodes = `Exit codes: ${meanings.map(([codes, meaning]) => `${codes.join(" and ")} ${meaning}`).join("; ")}.`;

/** What was typed is no use, though only what is stored, or the clock, could tell. */
const isUsage = (error: unknown): boolean =>
  error instanceof UsageError ||
  (error instanceof CampaignError && error.reason === "WrongFilter") ||
  (error instanceof GenerateError && error.reason === "Day");

const isTooLittle = (error: unknown): boolean =>
  error instanceof RefusedModel || (error instanceof TuneError && error.reason === "TooLittle");

export const exitCode = (
  exit: Exit.Exit<unknown, unknown>,
  command: Command | undefined,
  signal: StopSignal | undefined,
): number => {
  if (Exit.isSuccess(exit)) return 0;
  const failure = Cause.failureOption(exit.cause);
  if (Option.exists(failure, isUsage)) return usageErrorCode;
  if (Option.exists(failure, isTooLittle)) return refusedCode;
  if (!Cause.isInterruptedOnly(exit.cause) || signal === undefined) return 1;
  return command?.service === true ? 0 : stoppedCode(signal);
};
