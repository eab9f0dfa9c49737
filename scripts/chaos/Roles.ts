/**
 * Roles: the real program as processes, one per role, with their logs, their memory and how each of them ended.
 *
 * All of them end with the scope, each by its own id.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Effect, type Scope } from "effect";
import type { RoleKind } from "./Plan.ts";

export interface Role {
  readonly name: string;
  readonly kind: RoleKind;
  /** Does nothing where it runs already. */
  readonly start: Effect.Effect<void>;
  /** SIGKILL; returns when it is gone. */
  readonly kill: Effect.Effect<void>;
  /** SIGTERM; returns when it is gone. */
  readonly stop: Effect.Effect<void>;
  readonly pause: Effect.Effect<void>;
  readonly resume: Effect.Effect<void>;
}

export interface Roles {
  readonly make: (kind: RoleKind, name: string) => Effect.Effect<Role, never, Scope.Scope>;
  /** Largest resident memory seen, in bytes, by role. */
  readonly memory: ReadonlyMap<string, number>;
  /** Ends that nobody asked for, and stops that did not end in order. */
  readonly surprises: ReadonlyArray<string>;
  /** Stops that were asked for. */
  readonly stops: () => number;
}

export interface RolesOptions {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logs: string;
}

/** A stop takes the drain and the farewell to the group; beyond this it is a fault. */
const patience = "60 seconds";

const exited = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const gone = (child: ChildProcess): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (exited(child)) return resume(Effect.void);
    child.once("exit", () => resume(Effect.void));
  });

/** Resident bytes, by what Linux tells; undefined where there is no such file. */
const resident = (pid: number): Effect.Effect<number | undefined> =>
  Effect.promise(() => readFile(`/proc/${pid}/status`, "utf8").catch(() => "")).pipe(
    Effect.map((status) => {
      const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
      return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
    }),
  );

export const makeRoles = ({ environment, logs, program }: RolesOptions): Effect.Effect<Roles, never, Scope.Scope> =>
  Effect.gen(function* () {
    const memory = new Map<string, number>();
    const surprises: Array<string> = [];
    const running = new Map<string, ChildProcess>();
    let stops = 0;

    // Ends with the scope.
    yield* Effect.suspend(() =>
      Effect.forEach(
        running,
        ([name, { pid }]) =>
          Effect.map(resident(pid ?? 0), (bytes) => {
            if (bytes !== undefined) memory.set(name, Math.max(bytes, memory.get(name) ?? 0));
          }),
        { discard: true },
      ),
    ).pipe(Effect.delay("500 millis"), Effect.forever, Effect.forkScoped);

    const make = (kind: RoleKind, name: string) =>
      Effect.gen(function* () {
        let child: ChildProcess | undefined;
        let asked: NodeJS.Signals | undefined;

        const start = Effect.sync(() => {
          if (child !== undefined && !exited(child)) return;
          const log = openSync(join(logs, `${name}.log`), "a");
          const before = fstatSync(log).size;
          asked = undefined;
          const started = spawn(process.execPath, [program], {
            env: { PATH: process.env.PATH, ...environment, ROLE: kind },
            stdio: ["ignore", log, log],
          });
          closeSync(log);
          child = started;
          running.set(name, started);
          started.once("exit", (code, signal) => {
            if (running.get(name) === started) running.delete(name);
            const end = code === null ? `by ${signal}` : `with exit code ${code}`;
            if (asked === undefined) surprises.push(`${name} ended ${end}, unasked`);
            // Told before it had begun, it ends as any program does.
            else if (asked === "SIGTERM" && code !== 0 && statSync(join(logs, `${name}.log`)).size > before) {
              surprises.push(`${name} was told to stop and ended ${end}`);
            }
          });
        });
        const end = (signal: "SIGKILL" | "SIGTERM") =>
          Effect.suspend(() => {
            if (child === undefined || exited(child)) return Effect.void;
            asked = signal;
            if (signal === "SIGTERM") stops += 1;
            child.kill(signal);
            return gone(child);
          });
        const signal = (name: NodeJS.Signals) => Effect.sync(() => void child?.kill(name));

        yield* Effect.addFinalizer(() => end("SIGKILL"));
        return {
          name,
          kind,
          start,
          kill: end("SIGKILL"),
          stop: end("SIGTERM").pipe(
            Effect.timeoutTo({
              duration: patience,
              onSuccess: () => Effect.void,
              onTimeout: () => {
                surprises.push(`${name} was told to stop and had not after ${patience}`);
                return end("SIGKILL");
              },
            }),
            Effect.flatten,
          ),
          pause: signal("SIGSTOP"),
          resume: signal("SIGCONT"),
        };
      });

    return { make, memory, surprises, stops: () => stops };
  });
