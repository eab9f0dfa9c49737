/** Wire: JSON lines between this process and Spark's driver, over a unix socket that nobody else can reach. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Effect, type Scope } from "effect";
import { SparkError } from "./SparkError.ts";

export interface Wire {
  /** Where the driver connects; paths of sockets must be short. */
  readonly path: string;
  /** Says something to the driver, if it is there. */
  readonly send: (message: unknown) => void;
  /** Who hears what the driver says, line by line, and that it is gone. */
  readonly listen: (listener: { readonly line: (text: string) => void; readonly gone: () => void }) => void;
  /** Lets go of the driver, which ends then. */
  readonly close: () => void;
}

const failed = (cause: unknown): SparkError =>
  new SparkError({ reason: "Failed", message: `no socket for Spark's driver can be made in ${tmpdir()}`, cause });

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve());
  });

/** Takes one driver. */
export const openWire: Effect.Effect<Wire, SparkError, Scope.Scope> = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => mkdtemp(join(tmpdir(), "slipstream-")), catch: failed }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }).catch(() => undefined)),
  );
  const path = join(folder, "driver");
  let driver: Socket | undefined;
  let listener: Parameters<Wire["listen"]>[0] | undefined;
  const server = yield* Effect.acquireRelease(
    Effect.sync(() =>
      createServer((socket) => {
        if (driver !== undefined) return void socket.destroy();
        driver = socket;
        // That it broke is told by its closing.
        socket.on("error", () => {});
        const lines = createInterface({ input: socket });
        lines.on("line", (text) => listener?.line(text)).on("error", () => {});
        socket.on("close", () => listener?.gone());
      }),
    ),
    (server) =>
      Effect.sync(() => {
        driver?.destroy();
        server.close();
      }),
  );
  yield* Effect.tryPromise({ try: () => listening(server, path), catch: failed });
  return {
    path,
    send: (message) => void driver?.write(`${JSON.stringify(message)}\n`),
    listen: (next) => {
      listener = next;
    },
    close: () => void driver?.end(),
  };
});
