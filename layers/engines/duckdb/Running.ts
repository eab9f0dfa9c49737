/** Running: a statement of a connection as an effect that can be interrupted and watched. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { Effect, Schedule } from "effect";
import type { SqlError, Watch } from "../../../src/ports/Sql.ts";
import { sqlError } from "./SqlErrors.ts";

const interruptMillis = 10;
const watchInterval = "200 millis";

/**
 * Interruption cancels the statement and waits until it has ended, so that nothing is closed under it. A statement that has
 * not begun yet does not hear the first call, so the call is repeated.
 */
export const running = <A>(connection: DuckDBConnection, run: () => Promise<A>): Effect.Effect<A, SqlError> =>
  Effect.async((resume) => {
    let ended = false;
    const end = (answer: Effect.Effect<A, SqlError>): void => {
      ended = true;
      resume(answer);
    };
    run().then(
      (value) => end(Effect.succeed(value)),
      (cause) => end(Effect.fail(sqlError(cause))),
    );
    return Effect.suspend(() => {
      if (ended) return Effect.void;
      connection.interrupt();
      return Effect.void;
    }).pipe(Effect.delay(interruptMillis), Effect.repeat({ until: () => ended }), Effect.asVoid);
  });

/** Tells how far the connection's statement is, now and then, while `effect` runs. */
export const watched =
  (connection: DuckDBConnection, watch: Watch | undefined) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    watch === undefined
      ? effect
      : Effect.scoped(
          Effect.zipRight(
            Effect.sync(() => watch(Math.max(0, connection.progress.percentage))).pipe(
              Effect.repeat(Schedule.spaced(watchInterval)),
              Effect.delay(watchInterval),
              Effect.forkScoped,
            ),
            effect,
          ),
        ).pipe(Effect.tap(() => Effect.sync(() => watch(100))));
