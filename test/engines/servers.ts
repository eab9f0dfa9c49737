/**
 * Real servers for tests, by the scripts in scripts/engines: each in a folder of its own, on a free loopback port, ended by
 * its process id when the scope closes.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Effect, type Scope } from "effect";

const scripts = fileURLToPath(new URL("../../scripts/engines/", import.meta.url));

export interface Server {
  /** HOST:PORT, the same after a restart. */
  readonly address: string;
  /** Of every listener, that of `address` first. */
  readonly addresses: ReadonlyArray<string>;
  /** Where it keeps its data. */
  readonly folder: string;
  /** SIGKILL; returns when the process is gone. */
  readonly kill: Effect.Effect<void>;
  /** SIGTERM; returns when the process is gone. */
  readonly stop: Effect.Effect<void>;
  /** On the same port and data; returns when it takes connections. */
  readonly start: Effect.Effect<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  readonly pause: Effect.Effect<void>;
  /** SIGCONT. */
  readonly resume: Effect.Effect<void>;
}

/** Of 127.0.0.1, each another, that nothing listens on. */
export const freePorts = (count: number): ReadonlyArray<number> =>
  execFileSync(process.execPath, [join(scripts, "free-ports.mjs"), String(count)], { encoding: "utf8" })
    .trim()
    .split(" ")
    .map(Number);

export const freePort: Effect.Effect<number> = Effect.sync(() => freePorts(1)[0] ?? 0);

const prepare = (script: string): Effect.Effect<void> =>
  Effect.async((resume) => {
    execFile(join(scripts, script), ["prepare"], (error, _, stderr) =>
      resume(
        error === null
          ? Effect.void
          : Effect.dieMessage(`This test needs what ${script} runs: ${stderr.trim() || error.message}`),
      ),
    );
  });

const exited = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const server = (
  script: string,
  ports: number,
  ...more: ReadonlyArray<string>
): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.gen(function* () {
    yield* prepare(script);
    const folder = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "slipstream-engine-"))),
      (made) => Effect.promise(() => rm(made, { recursive: true, force: true })),
    );
    const numbers = yield* Effect.sync(() => freePorts(ports));
    let child: ChildProcess | undefined;

    const start = Effect.async<void>((resume) => {
      const started = spawn(join(scripts, script), ["run", folder, ...numbers.map(String), ...more], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      child = started;
      let said = "";
      let told = "";
      started.stderr.on("data", (bytes) => {
        said = `${said}${bytes}`.slice(-2000);
      });
      started.stdout.on("data", (bytes) => {
        told = `${told}${bytes}`.slice(-2000);
        if (told.includes("ready ")) resume(Effect.void);
      });
      started.once("exit", () => resume(Effect.dieMessage(`${script} ended before it was ready: ${said}`)));
    });
    const end = (signal: NodeJS.Signals) =>
      Effect.async<void>((resume) => {
        if (child === undefined || exited(child)) return resume(Effect.void);
        child.once("exit", () => resume(Effect.void));
        child.kill(signal);
      });
    const signal = (name: NodeJS.Signals) => Effect.sync(() => void child?.kill(name));

    yield* Effect.acquireRelease(start, () => end("SIGKILL"));
    return {
      address: `127.0.0.1:${numbers[0]}`,
      addresses: numbers.map((port) => `127.0.0.1:${port}`),
      folder,
      kill: end("SIGKILL"),
      stop: end("SIGTERM"),
      start,
      pause: signal("SIGSTOP"),
      resume: signal("SIGCONT"),
    };
  });

/** One Kafka broker, KRaft. A stop takes seconds; `kill` leaves the log to be recovered. */
export const kafkaBroker: Effect.Effect<Server, never, Scope.Scope> = server("kafka.sh", 2);

/** The same, whose third address takes user `shop` with password `secret` only. */
export const kafkaBrokerWithUsers: Effect.Effect<Server, never, Scope.Scope> = server("kafka.sh", 3);

/** One Redis with an append-only file. */
export const redisServer: Effect.Effect<Server, never, Scope.Scope> = server("redis.sh", 1);

/** One Redis that flushes each write before it answers: what it acknowledged outlives SIGKILL. */
export const redisServerSyncing: Effect.Effect<Server, never, Scope.Scope> = server("redis.sh", 1, "always");

/** A cluster of one node: keys of different slots may not share a command. */
export const redisCluster: Effect.Effect<Server, never, Scope.Scope> = server("redis.sh", 1, "everysec", "yes");
