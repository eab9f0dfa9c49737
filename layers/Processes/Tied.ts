/**
 * Tied: processes of Node's that this one starts: each gives way where all cores are busy, has the settings that it is given and nothing
 * else of this one's, and does not outlive it (`Lifeline.ts`).
 */
import { type ChildProcess, fork, type StdioOptions } from "node:child_process";
import { readdirSync } from "node:fs";
import { setPriority } from "node:os";
import { type Duration, Effect } from "effect";
import { tie } from "./Lifeline.ts";

export interface Start {
  /** The program's file. */
  readonly entry: string;
  readonly args?: ReadonlyArray<string>;
  /** By environment variable: all that it has of them. */
  readonly texts: ReadonlyMap<string, string>;
  /** From 0, as this process has it, to 19, which gives way to all others. */
  readonly priority: number;
  /** The last of them is `ipc`. */
  readonly stdio: StdioOptions;
  /** How messages cross the channel: `json` unless it says otherwise. */
  readonly serialization?: "json" | "advanced";
}

export interface Tied {
  readonly child: ChildProcess;
  /** False where it could not be given its priority, and runs at that of this process. */
  readonly givesWay: boolean;
}

/** A debugger has one process. */
const execArgv = process.execArgv.filter((flag) => !flag.startsWith("--inspect"));

/** What a process of its own must not share with this one. */
const apart = { HEALTH_PORT: "0", NODE_CHANNEL_FD: undefined };

/** Of the process, whose later threads inherit it, and then of the threads that it has already. */
const setPriorities = (pid: number, priority: number): boolean => {
  try {
    setPriority(pid, priority);
    if (process.platform !== "linux") return true;
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), priority);
    return true;
  } catch {
    return false;
  }
};

/** A file that cannot be run is told by the child's events. */
export const startTied = ({ args = [], entry, priority, serialization = "json", stdio, texts }: Start): Tied => {
  const child = fork(entry, [...args], {
    execArgv: [...execArgv],
    env: { ...Object.fromEntries(texts), ...apart },
    serialization,
    stdio,
  });
  if (child.pid === undefined) return { child, givesWay: true };
  tie(child);
  return { child, givesWay: setPriorities(child.pid, priority) };
};

/** Tells it to stop, kills it after `grace`, and returns when it is gone. `ended` settles then. */
export const stopTied = (
  child: ChildProcess,
  ended: Promise<unknown>,
  grace: Duration.DurationInput,
): Effect.Effect<void> =>
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
