/** Engine: a DuckDB of its own in this process, in memory and in a spill folder, until the scope closes. */
import { availableParallelism } from "node:os";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { Effect, type Scope } from "effect";
import type { SqlError } from "../../../src/ports/Sql.ts";
import { openSpill, type Spill } from "./Spill.ts";
import { sqlError } from "./SqlErrors.ts";

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
  readonly spill: Spill;
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

export const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, SqlError> =>
  Effect.tryPromise({ try: run, catch: sqlError });

/** A connection to an engine of its own. It is closed before its spill folder is removed. */
export const openEngine = ({
  threads,
  memoryMiB,
  spillFolder,
}: EngineSettings): Effect.Effect<Engine, SqlError, Scope.Scope> =>
  Effect.gen(function* () {
    const spill = yield* openSpill(spillFolder);
    const instance = yield* Effect.acquireRelease(
      attempt(() =>
        DuckDBInstance.create(":memory:", {
          ...fixed,
          threads: String(threads === 0 ? availableParallelism() : threads),
          memory_limit: `${memoryMiB}MiB`,
          temp_directory: spill.folder,
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
    return { connection: yield* another, another, spill };
  });
