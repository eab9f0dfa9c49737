/** Engine: a DuckDB of its own in this process, in memory and in a spill folder, until the scope closes. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, rmdir, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { Effect, type Scope } from "effect";
import type { SqlError } from "../../../src/ports/Sql.ts";
import { sqlError } from "./Failure.ts";

export interface EngineSettings {
  /** 0: one per core. */
  readonly threads: number;
  readonly memoryMiB: number;
  /** Holds a folder per engine while it spills. */
  readonly spillFolder: string;
}

export interface Engine {
  readonly connection: DuckDBConnection;
  /** Another connection to it. */
  readonly another: Effect.Effect<DuckDBConnection, SqlError, Scope.Scope>;
  /** Its spill files and whatever is put beside them are removed with it. */
  readonly folder: string;
}

/** Nothing is fetched or loaded that did not come with the package, and no setting is left to the environment. */
const fixed = {
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  allow_community_extensions: "false",
  // Files are read once: to keep them would take memory from the sorts.
  enable_external_file_cache: "false",
  preserve_insertion_order: "true",
  errors_as_json: "true",
};

const leftoverMillis = 24 * 3600 * 1000;

/** What processes that died left behind: a folder in which nothing was written for a day is nobody's. */
const removeLeftovers = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const files = await readdir(path).catch(() => []);
    const times = await Promise.all(
      [path, ...files.map((file) => join(path, file))].map((one) =>
        stat(one).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      ),
    );
    if (Date.now() - Math.max(...times) > leftoverMillis) await rm(path, { recursive: true, force: true });
  }
};

export const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, SqlError> =>
  Effect.tryPromise({ try: run, catch: sqlError });

const quietly = (run: () => Promise<void>): Effect.Effect<void> => Effect.promise(() => run().catch(() => undefined));

/** A connection to an engine of its own. It is closed before its spill folder is removed. */
export const openEngine = ({
  threads,
  memoryMiB,
  spillFolder,
}: EngineSettings): Effect.Effect<Engine, SqlError, Scope.Scope> =>
  Effect.gen(function* () {
    const spill = join(resolve(spillFolder), randomUUID());
    // Where the folder cannot be made, the engine works until it must spill, and says so then.
    yield* Effect.acquireRelease(
      quietly(async () => {
        await removeLeftovers(spillFolder);
        await mkdir(spill, { recursive: true });
      }),
      () =>
        quietly(async () => {
          await rm(spill, { recursive: true, force: true });
          await rmdir(spillFolder);
        }),
    );
    const instance = yield* Effect.acquireRelease(
      attempt(() =>
        DuckDBInstance.create(":memory:", {
          ...fixed,
          threads: String(threads === 0 ? availableParallelism() : threads),
          memory_limit: `${memoryMiB}MiB`,
          temp_directory: spill,
        }),
      ),
      (open) => Effect.sync(() => open.closeSync()),
    );
    const another = Effect.gen(function* () {
      const connection = yield* Effect.acquireRelease(
        attempt(() => instance.connect()),
        (open) => Effect.sync(() => open.disconnectSync()),
      );
      for (const setting of ["TimeZone = 'UTC'", "enable_progress_bar = true", "enable_progress_bar_print = false"]) {
        yield* attempt(() => connection.run(`SET ${setting}`));
      }
      return connection;
    });
    return { connection: yield* another, another, folder: spill };
  });
