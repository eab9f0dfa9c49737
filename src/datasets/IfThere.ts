/** IfThere: what a table says, where there is such a table. */
import { Effect } from "effect";
import type { TableError } from "../ports/Tables.ts";

/** `undefined` where there is no such table (or version). */
export const ifThere = <A, R>(effect: Effect.Effect<A, TableError, R>): Effect.Effect<A | undefined, TableError, R> =>
  Effect.catchIf(
    effect,
    (error) => error.reason === "NotFound",
    () => Effect.succeed(undefined),
  );
