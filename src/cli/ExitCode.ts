/**
 * ExitCode: what the process answers to whoever started it.
 *
 * 0: done, or a service that was told to stop and drained. 128 + signal: a command with an end that was stopped before it.
 * 1: a failure.
 */
import { Cause, Exit } from "effect";

export const stopSignals = { SIGINT: 2, SIGTERM: 15 } as const;
export type StopSignal = keyof typeof stopSignals;

/** Commands without an end of their own: to be told to stop is how they end well. */
const services = new Set(["all-in-one", "api", "updater", "archiver", "producer"]);

export const exitCode = (
  exit: Exit.Exit<unknown, unknown>,
  command: string | undefined,
  signal: StopSignal | undefined,
): number => {
  if (Exit.isSuccess(exit)) return 0;
  if (!Cause.isInterruptedOnly(exit.cause) || signal === undefined) return 1;
  return command !== undefined && services.has(command) ? 0 : 128 + stopSignals[signal];
};
