/** OnDemand: who is forgotten, from a store that is opened for each question and closed after it. */
import { Effect, type Layer, Option } from "effect";
import { Forgotten, ForgottenError, type ForgottenService } from "../../src/ports/Forgotten.ts";

const unavailable = (cause: unknown): ForgottenError =>
  cause instanceof ForgottenError
    ? cause
    : new ForgottenError({
        reason: "Unavailable",
        message: `who is forgotten cannot be told: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      });

/** `layer`: of the adapter; none where there is no store yet, and so nobody is forgotten. */
export const onDemand = <E, F>(layer: Effect.Effect<Option.Option<Layer.Layer<Forgotten, E>>, F>): ForgottenService => {
  const ask = <A>(
    question: (service: ForgottenService) => Effect.Effect<A, ForgottenError>,
    otherwise: Effect.Effect<A, ForgottenError>,
  ) =>
    Effect.flatMap(
      layer,
      Option.match({
        onNone: () => otherwise,
        onSome: (adapter) => Effect.provide(Effect.flatMap(Forgotten, question), adapter),
      }),
    ).pipe(Effect.mapError(unavailable));
  const noStore = Effect.fail(new ForgottenError({ reason: "Unavailable", message: "there is no store yet" }));
  return {
    salt: ask(({ salt }) => salt, noStore),
    find: (hash) => ask(({ find }) => find(hash), Effect.succeed(undefined)),
    change: (hash, change) => ask((service) => service.change(hash, change), noStore),
    all: ask(({ all }) => all, Effect.succeed([])),
  };
};
