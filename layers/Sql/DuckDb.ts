/**
 * DuckDb: the Sql port on DuckDB, in this process.
 *
 * Every session is an engine of its own: it takes memory when it is opened and gives all of it back when it is closed,
 * and what one session sets or makes is unknown to the others. The native package is loaded with the first session.
 */
import { type ConfigError, Effect, Layer } from "effect";
import { dataFolder } from "../../src/config/DataFolder.ts";
import { values } from "../../src/config/Setting.ts";
import { Sql, SqlError, type SqlService } from "../../src/ports/Sql.ts";
import type { EngineSettings } from "../engines/duckdb/Engine.ts";
import { sql as settings } from "./Settings.ts";

const unavailable = (cause: unknown) =>
  new SqlError({
    reason: "Unavailable",
    message:
      `DuckDB cannot be loaded (${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)}): install ` +
      "the packages again with `npm ci`, without leaving optional ones out, on the platform where they are used",
    cause,
  });

const load = Effect.tryPromise({
  try: () =>
    Promise.all([import("../engines/duckdb/Engine.ts"), import("./duckdb/Session.ts"), import("./duckdb/Ask.ts")]),
  catch: unavailable,
});

export const make = (engine: EngineSettings): SqlService => ({
  session: Effect.flatMap(load, ([{ openEngine }, { makeSession }]) => Effect.flatMap(openEngine(engine), makeSession)),
  ask: (views, question) =>
    Effect.flatMap(load, ([{ openEngine }, , { ask }]) =>
      Effect.flatMap(openEngine(engine), ({ connection }) => ask(connection, views, question)),
    ),
});

/** Spills to `$DATA_DIR/spill`. */
export const layer: Layer.Layer<Sql, ConfigError.ConfigError> = Layer.effect(
  Sql,
  Effect.gen(function* () {
    const { threads, memory } = yield* values(settings);
    const { spill } = yield* dataFolder;
    return make({ threads, memoryMiB: memory, spillFolder: spill });
  }),
);
