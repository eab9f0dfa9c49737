/**
 * Batches as child processes of low priority, which is a tenth of others' share where all are busy: this program's own, with the settings that this process was given. What
 * they log is passed on line by line, without progress bars; what they say is wrong is the answer.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { createInterface } from "node:readline";
import { Duration, Effect, Layer, Option, Schema } from "effect";
import { type BatchEnd, Batches, BatchesError, type BatchesService, type BatchStep } from "../../src/ports/Batches.ts";
import { tie } from "./Lifeline.ts";

export interface BatchesOptions {
  /** The program's file. */
  readonly entry: string;
  /** By environment variable: the environment, with what flags gave laid over it. */
  readonly texts: ReadonlyMap<string, string>;
  /** Longest that a batch takes to stop in order; it is killed then. */
  readonly grace: Duration.Duration;
  /** Takes a line that a batch logs. */
  readonly write: (line: string) => void;
}

/** A debugger has one process. */
const execArgv = process.execArgv.filter((flag) => !flag.startsWith("--inspect"));

/** What a process of its own must not share with this one. */
const own = { HEALTH_PORT: "0", NODE_CHANNEL_FD: undefined };

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<BatchEnd>;
}

const failing = /^(?:error|this is a fault in Slipstream): /;

const Told = Schema.Struct({
  step: Schema.NullOr(
    Schema.Struct({ name: Schema.String, done: Schema.Number, of: Schema.NullOr(Schema.Number), unit: Schema.String }),
  ),
});
const readTold = Schema.decodeUnknownOption(Told);

/** Of the process, whose later threads inherit it, and then of the threads that it has already. */
const setPriorities = (pid: number): void => {
  setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  if (process.platform !== "linux") return;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    setPriority(Number(thread), constants.priority.PRIORITY_BELOW_NORMAL);
  }
};

const start = (
  { entry, texts, write }: BatchesOptions,
  unlessSince: string,
  onStep: (step: BatchStep | null) => void,
): Running => {
  const child = spawn(process.execPath, [...execArgv, entry, "batch", "--if-new", "--unless-since", unlessSince], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...Object.fromEntries(texts), ...own },
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
  if (child.pid !== undefined) {
    tie(child);
    try {
      setPriorities(child.pid);
    } catch {
      write("the batch could not be given a low priority, and runs at that of this process");
    }
  }
  return { child, ended };
};

/** Tells it to stop, and returns when it is gone. */
const stop = ({ child, ended }: Running, grace: Duration.Duration): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Effect.void;
    child.kill("SIGTERM");
    const gone = Effect.ignore(Effect.tryPromise(() => ended));
    return Effect.timeoutTo(Effect.interruptible(gone), {
      duration: grace,
      onTimeout: () =>
        Effect.zipRight(
          Effect.sync(() => child.kill("SIGKILL")),
          gone,
        ),
      onSuccess: () => Effect.void,
    }).pipe(Effect.flatten);
  });

const failed = (cause: unknown): BatchesError =>
  new BatchesError({
    message: `no process could be started for the batch: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });

export const make = (options: BatchesOptions): BatchesService => ({
  learn: ({ onStep = () => {}, unlessSince }) =>
    Effect.acquireUseRelease(
      Effect.try({ try: () => start(options, unlessSince, onStep), catch: failed }),
      ({ ended }) => Effect.tryPromise({ try: () => ended, catch: failed }),
      (running) => stop(running, options.grace),
    ),
});

/** Shorter than what those wait who stop this process. */
const grace = Duration.seconds(15);

/** Of the program that this process runs. `texts` is asked when a batch is due. */
export const layer = (texts: () => ReadonlyMap<string, string>): Layer.Layer<Batches> =>
  Layer.succeed(Batches, {
    learn: (options) =>
      Effect.suspend(() =>
        make({
          entry: process.argv[1] ?? "",
          texts: texts(),
          grace,
          write: (line) => process.stderr.write(`${line}\n`),
        }).learn(options),
      ),
  });
