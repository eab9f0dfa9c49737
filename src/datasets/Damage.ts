/** Damage: which file of which table it is that the engine could not read. */
import { Effect, Stream } from "effect";
import { type TableError, Tables } from "../ports/Tables.ts";

const isOfFile = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "_tag" in error &&
  (error._tag === "SqlError" || error._tag === "BatchStepsError") &&
  "reason" in error &&
  (error.reason === "BadFile" || error.reason === "Missing");

/**
 * Where `work` fails for a damaged file, reads the tables themselves, page by page, and fails as the first one that cannot
 * be read does.
 */
export const namingDamage =
  (names: ReadonlyArray<string>) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E | TableError, R | Tables> =>
    Effect.tapError(work, (error) =>
      isOfFile(error)
        ? Effect.flatMap(Tables, (tables) =>
            Effect.forEach(names, (name) =>
              Stream.runDrain(tables.read(name)).pipe(
                Effect.catchIf(
                  ({ reason }) => reason === "NotFound" || reason === "Unsupported",
                  () => Effect.void,
                ),
              ),
            ),
          )
        : Effect.void,
    );
