/** The built program as a user runs it: a child process in a data folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigProvider, Effect, type Layer } from "effect";

export const main = join(import.meta.dirname, "../../dist/main.js");

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  /** Everything printed so far, stdout and stderr. */
  readonly output: () => string;
}

/** Starts a command; nothing of this process's environment but PATH reaches it. */
export const start = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>): Running => {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const exit = new Promise<Exit>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return { child, exit, output: () => stdout + stderr };
};

/** Runs a command to its end. */
export const run = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>): Promise<Exit> =>
  start(args, env).exit;

/** A temporary folder, and how to remove it. */
export const temporaryFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), "slipstream-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** A shop small enough to be made and learnt within seconds. */
export const smallShop = {
  GENERATE_CUSTOMERS: "400",
  GENERATE_ARTICLES: "150",
  GENERATE_TRANSACTIONS: "6000",
  GENERATE_DAYS: "60",
};

/** Runs `program` in this process, over layers that read a data folder. */
export const onFolder = <A, E, R, EL>(
  dataDir: string,
  program: Effect.Effect<A, E, R>,
  layers: Layer.Layer<R, EL>,
): Promise<A> =>
  program.pipe(
    Effect.provide(layers),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["DATA_DIR", dataDir]]))),
    Effect.runPromise,
  );
