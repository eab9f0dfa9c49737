/** Scene: a folder, a real Kafka, a real Redis, and a small shop whose model serves; all of it gone with the scope. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Effect, Schema, type Scope } from "effect";
import { artifactPath } from "../../src/kernels/Artifact.ts";
import { kafkaBroker, redisServerSyncing, type Server } from "../../test/engines/servers.ts";

export class ChaosError extends Schema.TaggedError<ChaosError>()("ChaosError", { message: Schema.String }) {}

export interface Scene {
  readonly folder: string;
  readonly logs: string;
  readonly broker: Server;
  readonly redis: Server;
  /** The program: a copy of the build, so that a new build meanwhile does not reach it. */
  readonly program: string;
  /** Settings of every process. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Milliseconds after which a silent member loses its partitions. */
export const sessionMillis = 6_000;

const settings = {
  PARTITIONS: "6",
  KAFKA_HEARTBEAT: "500 millis",
  KAFKA_SESSION_TIMEOUT: `${sessionMillis} millis`,
  KAFKA_REBALANCE_TIMEOUT: "20 seconds",
  DRAIN_TIMEOUT: "10 seconds",
  BATCH_SIZE: "100",
  ARCHIVE_FLUSH_AGE: "1 second",
  LOG_FORMAT: "logfmt",
  // What the reference is computed by.
  LEARNER: "ema",
  GENERATE_CUSTOMERS: "400",
  GENERATE_ARTICLES: "150",
  GENERATE_TRANSACTIONS: "6000",
  GENERATE_DAYS: "60",
};

/** Beside the build, where its packages are found. */
const copyOfBuild = Effect.acquireRelease(
  Effect.sync(() => {
    const dist = dirname(artifactPath("main.js"));
    const copy = join(dist, `chaos/build-${process.pid}`);
    mkdirSync(copy, { recursive: true });
    for (const part of ["main.js", "worker.js", "chunks", "kernels"]) {
      cpSync(join(dist, part), join(copy, part), { recursive: true });
    }
    return copy;
  }),
  (copy) => Effect.sync(() => rmSync(copy, { recursive: true, force: true })),
);

/** Runs a command of the program to its end. */
export const runCommand = (
  { environment, logs, program }: Pick<Scene, "environment" | "logs" | "program">,
  command: string,
): Effect.Effect<void, ChaosError> =>
  Effect.async((resume) => {
    const child = execFile(
      process.execPath,
      [program, command],
      { env: { PATH: process.env.PATH, ...environment } },
      (error, stdout, stderr) => {
        writeFileSync(join(logs, `${command}.log`), `${stdout}${stderr}`);
        resume(
          error === null
            ? Effect.void
            : Effect.fail(new ChaosError({ message: `${command} failed: ${stderr.trim() || error.message}` })),
        );
      },
    );
    return Effect.sync(() => void child.kill("SIGKILL"));
  });

/** `keep` is asked when the scope closes: whether the folder stays. */
export const makeScene = (keep: () => boolean): Effect.Effect<Scene, ChaosError, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "slipstream-chaos-"))),
      (made) => Effect.sync(() => (keep() ? undefined : rmSync(made, { recursive: true, force: true }))),
    );
    const logs = join(folder, "logs");
    mkdirSync(logs);
    const copy = yield* copyOfBuild;
    const [broker, redis] = yield* Effect.all([kafkaBroker, redisServerSyncing], { concurrency: 2 });
    const scene: Scene = {
      folder,
      logs,
      broker,
      redis,
      program: join(copy, "main.js"),
      environment: {
        ...settings,
        DATA_DIR: join(folder, "data"),
        KAFKA_BROKERS: broker.address,
        REDIS_URL: `redis://${redis.address}`,
      },
    };
    yield* runCommand(scene, "generate");
    yield* runCommand(scene, "batch");
    return scene;
  });

/** Where the command that runs this again is typed. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
