/** Outages: which stores fail just now. Each change of a store's state is logged once, not once per request. */
import { Effect } from "effect";

export interface Outages {
  /** `self`, or `fallback` when it fails. */
  readonly orElse: <A, E extends { readonly message: string }, R>(
    store: string,
    self: Effect.Effect<A, E, R>,
    fallback: A,
  ) => Effect.Effect<A, never, R>;
}

export const makeOutages = Effect.sync((): Outages => {
  const down = new Set<string>();
  return {
    orElse: (store, self, fallback) =>
      Effect.matchEffect(self, {
        onFailure: (error) => {
          if (down.has(store)) return Effect.succeed(fallback);
          down.add(store);
          return Effect.as(Effect.logWarning(`${store} fails, answers fall back: ${error.message}`), fallback);
        },
        onSuccess: (value) =>
          down.delete(store) ? Effect.as(Effect.logInfo(`${store} is back`), value) : Effect.succeed(value),
      }),
  };
});
