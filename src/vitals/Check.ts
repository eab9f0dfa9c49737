/** Check: a store, asked for something small: whether it answers in time, and how long it took. */
import { Clock, Effect, Schema } from "effect";

export const Check = Schema.Struct({
  status: Schema.Literal("up", "down"),
  latency_ms: Schema.Number.annotations({ description: "How long the store took to answer, in milliseconds." }),
  detail: Schema.optional(Schema.String.annotations({ description: "What is wrong, when it is down." })),
}).annotations({ identifier: "Check" });
export type Check = typeof Check.Type;

/** By store. */
export const Checks = Schema.Record({ key: Schema.String, value: Check });
export type Checks = typeof Checks.Type;

const patience = "2 seconds";

export const check = <A, E extends { readonly message: string }, R>(
  self: Effect.Effect<A, E, R>,
): Effect.Effect<Check, never, R> =>
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeNanos;
    const detail = yield* self.pipe(
      Effect.timeoutFail({ duration: patience, onTimeout: () => ({ message: `no answer within ${patience}` }) }),
      Effect.match({ onFailure: (error) => error.message, onSuccess: () => undefined }),
    );
    const latency_ms = Number((yield* Clock.currentTimeNanos) - started) / 1e6;
    return detail === undefined ? { status: "up", latency_ms } : { status: "down", latency_ms, detail };
  });

/** Something small to ask a store; what it answers does not matter. */
export type Probe<R = never> = Effect.Effect<unknown, { readonly message: string }, R>;

/** By the name under which the health page tells of the store. */
export type Probes<R = never> = Readonly<Record<string, Probe<R>>>;

/** All at once. */
export const checkAll = <R>(probes: Probes<R>): Effect.Effect<Checks, never, R> =>
  Effect.map(
    Effect.forEach(
      Object.entries(probes),
      ([name, probe]) => Effect.map(check(probe), (found) => [name, found] as const),
      { concurrency: "unbounded" },
    ),
    Object.fromEntries,
  );

export const downOf = (checks: Checks): ReadonlyArray<string> =>
  Object.keys(checks).filter((name) => checks[name]?.status === "down");
