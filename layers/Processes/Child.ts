/**
 * Child: this program as a child process of low priority, which is a tenth of others' share where all are busy, with the settings that
 * this process was given. What it logs is passed on line by line, without progress bars; what it says is wrong is the answer.
 */
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { Duration, Effect, Option, Schema } from "effect";
import { type BatchEnd, BatchesError, type BatchStep } from "../../src/ports/Batches.ts";
import { startTied, stopTied } from "./Tied.ts";

export interface ChildOptions {
  /** The program's file. */
  readonly entry: string;
  /** By environment variable: the environment, with what flags gave laid over it. */
  readonly texts: ReadonlyMap<string, string>;
  /** Longest that it takes to stop in order; it is killed then. */
  readonly grace: Duration.Duration;
  /** Takes a line that it logs. */
  readonly write: (line: string) => void;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<BatchEnd>;
}

const failing = /^(?:error|this is a fault in Slipstream): /;

const Told = Schema.Struct({
  step: Schema.NullOr(
    Schema.Struct({
      name: Schema.String,
      done: Schema.Number,
      of: Schema.NullOr(Schema.Number),
      unit: Schema.String,
      note: Schema.optionalWith(Schema.String, { exact: true }),
    }),
  ),
});
const readTold = Schema.decodeUnknownOption(Told);

const start = (
  { entry, texts, write }: ChildOptions,
  args: ReadonlyArray<string>,
  onStep: (step: BatchStep | null) => void,
): Running => {
  const { child, givesWay } = startTied({
    entry,
    args,
    texts,
    priority: constants.priority.PRIORITY_BELOW_NORMAL,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const problems: Array<string> = [];
  const listen = (line: string): void => {
    if (failing.test(line)) problems.push(line.replace(failing, ""));
    else write(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", listen);
  }
  child.on("message", (message) => {
    Option.map(readTold(message), ({ step }) => onStep(step));
  });
  const ended = new Promise<BatchEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? undefined, detail: problems.join("; ") }));
  });
  // Who waits for it hears of it; where nobody does, it is no fault of this process.
  ended.catch(() => {});
  if (!givesWay) write(`${args[0]} could not be given a low priority, and runs at that of this process`);
  return { child, ended };
};

const failed =
  (what: string) =>
  (cause: unknown): BatchesError =>
    new BatchesError({
      message: `no process could be started for ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });

/**
 * Runs the program with these arguments, of which the first is a command. Interruption stops it in order and waits for its end; it does not
 * outlive this process. `what` it is, in words.
 */
export const runChild = (
  options: ChildOptions,
  what: string,
  args: ReadonlyArray<string>,
  onStep: (step: BatchStep | null) => void,
): Effect.Effect<BatchEnd, BatchesError> =>
  Effect.acquireUseRelease(
    Effect.try({ try: () => start(options, args, onStep), catch: failed(what) }),
    ({ ended }) => Effect.tryPromise({ try: () => ended, catch: failed(what) }),
    ({ child, ended }) => stopTied(child, ended, options.grace),
  );

/** Shorter than what those wait who stop this process. */
const grace = Duration.seconds(15);

/** Of the program that this process runs. `texts` is asked when one is due. */
export const own = (texts: () => ReadonlyMap<string, string>): ChildOptions => ({
  entry: process.argv[1] ?? "",
  texts: texts(),
  grace,
  write: (line) => process.stderr.write(`${line}\n`),
});
