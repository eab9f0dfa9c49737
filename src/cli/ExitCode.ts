/**
 * ExitCode: what the process answers to whoever started it.
 *
 * 0: done, or a service that was told to stop and drained. 128 + signal: a command with an end that was stopped before it.
 * 64: words, flags or settings that cannot be used; nothing was begun, and starting again changes nothing. 65: too little to
 * learn from, so that no new model serves. 1: a failure.
 */
import { Cause, Exit, Option } from "effect";
import { RefusedModel, refusedCode } from "../models/Shrinkage.ts";
import type { Command } from "./Command.ts";
import { UsageError } from "./UsageError.ts";

export const stopSignals = { SIGINT: 2, SIGTERM: 15 } as const;
export type StopSignal = keyof typeof stopSignals;

/** EX_USAGE of BSD's sysexits. */
export const usageErrorCode = 64;

export const exitCode = (
  exit: Exit.Exit<unknown, unknown>,
  command: Command | undefined,
  signal: StopSignal | undefined,
): number => {
  if (Exit.isSuccess(exit)) return 0;
  const failure = Cause.failureOption(exit.cause);
  if (Option.exists(failure, (error) => error instanceof UsageError)) return usageErrorCode;
  if (Option.exists(failure, (error) => error instanceof RefusedModel)) return refusedCode;
  if (!Cause.isInterruptedOnly(exit.cause) || signal === undefined) return 1;
  return command?.service === true ? 0 : 128 + stopSignals[signal];
};
