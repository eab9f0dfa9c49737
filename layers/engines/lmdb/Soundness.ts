/**
 * Soundness: looks through a store before it is opened, where its last process did not close it in order or something
 * else has changed it: LMDB's binding ends the process that meets a damaged page, so a process of its own looks first.
 */
import { spawn } from "node:child_process";
import { Clock, Duration, Effect, Option } from "effect";
import { artifactPath } from "../../../src/kernels/Artifact.ts";
import { forgetTheDead, isTrusted } from "./Openings.ts";
import { StoreError, storeError } from "./StoreError.ts";

/** Some gigabytes; a larger store is looked through in part. */
const patience = Duration.seconds(30);

/** Exit code of `walk.ts` for what it has found itself. */
const damaged = 3;

/** Signals by which a process ends that reads what is not there. */
const faults: ReadonlySet<string> = new Set(["SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE", "SIGTRAP"]);

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

/** Killed when it is interrupted. */
const walk = (folder: string): Effect.Effect<Ending, Error> =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [artifactPath("walk.js"), folder], { stdio: ["ignore", "pipe", "ignore"] });
    let said = "";
    child.stdout.on("data", (bytes) => {
      said = `${said}${bytes}`.slice(0, 500);
    });
    child.once("error", (error) => resume(Effect.fail(error)));
    child.once("close", (code, signal) => resume(Effect.succeed({ code, signal, said })));
    return Effect.sync(() => child.kill("SIGKILL"));
  });

/** Fails as `Corrupt` where the store is damaged, as far as `patience` lets it see. */
export const lookThrough = (folder: string): Effect.Effect<void, StoreError> =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis;
    const ending = yield* walk(folder).pipe(Effect.timeoutOption(patience));
    if (Option.isNone(ending)) {
      return yield* Effect.logWarning(
        `the store ${folder} was looked through for ${Duration.format(patience)} and not to its end: no damage so far`,
      );
    }
    const { code, said, signal } = ending.value;
    if (code === damaged) return yield* storeError(folder, said.startsWith("MDB_") ? said : `MDB_CORRUPTED: ${said}`);
    if (signal !== null && faults.has(signal)) {
      return yield* storeError(folder, `MDB_CORRUPTED: ${signal} while it was read`);
    }
    if (code !== 0) {
      return yield* Effect.logWarning(`the store ${folder} could not be looked through: ${signal ?? `code ${code}`}`);
    }
    const took = Duration.format(Duration.millis((yield* Clock.currentTimeMillis) - began));
    yield* Effect.logInfo(`the store ${folder}, not closed by its last process, is sound (looked through in ${took})`);
  }).pipe(
    Effect.catchIf(
      (error): error is Error => !(error instanceof StoreError),
      (error) => Effect.logWarning(`the store ${folder} could not be looked through: ${error.message}`),
    ),
  );

/** As `lookThrough`, unless the store can be trusted. */
export const checked = (folder: string): Effect.Effect<void, StoreError> =>
  Effect.try({ try: () => isTrusted(folder), catch: (cause) => storeError(folder, cause) }).pipe(
    Effect.flatMap((trusted) =>
      trusted
        ? Effect.void
        : Effect.zipRight(
            lookThrough(folder),
            Effect.sync(() => forgetTheDead(folder)),
          ),
    ),
  );
