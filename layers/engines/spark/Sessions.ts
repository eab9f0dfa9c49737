/**
 * Sessions: one session of Spark for all that a process has it do one after another: a start takes longer than most steps.
 *
 * It is started for whoever is first, and stopped some time after nobody is at work, or with the layer.
 */
import { type ConfigError, Context, Duration, Effect, Layer, RcRef, type Scope } from "effect";
import { openSession, type SparkSession } from "./Session.ts";
import { sparkSettings } from "./Settings.ts";
import type { SparkError } from "./SparkError.ts";

export type OpenSession = Effect.Effect<SparkSession, SparkError, Scope.Scope>;

export class Sessions extends Context.Tag("Sessions")<Sessions, { readonly open: OpenSession }>() {}

/** Between two steps of a batch is a model's way into the stores. */
const idle = Duration.minutes(2);

/** What `start` opens, shared; one whose driver is gone is left to those who have it. */
export const shared = (start: OpenSession): Effect.Effect<OpenSession, never, Scope.Scope> =>
  Effect.gen(function* () {
    const session = yield* RcRef.make({ acquire: start, idleTimeToLive: idle });
    return Effect.flatMap(RcRef.get(session), (found) =>
      found.isLost() ? Effect.zipRight(RcRef.invalidate(session), RcRef.get(session)) : Effect.succeed(found),
    );
  });

/** `name` is in that of the log. */
export const layer = (name: string): Layer.Layer<Sessions, ConfigError.ConfigError> =>
  Layer.scoped(
    Sessions,
    Effect.gen(function* () {
      const settings = yield* sparkSettings;
      return { open: yield* shared(openSession(settings, name)) };
    }),
  );
