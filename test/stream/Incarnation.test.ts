import { expect, it } from "@effect/vitest";
import { Deferred, Duration, Effect, Fiber, Queue } from "effect";
import type { Signal, Subscription } from "../../src/ports/EventLog.ts";
import { incarnation } from "../../src/stream/Incarnation.ts";
import type { Processing } from "../../src/stream/Processing.ts";

it.effect("tells the group the store's position at once: the last owner may have died before it could", () =>
  Effect.gen(function* () {
    const told = yield* Queue.unbounded<bigint>();
    const subscription: Subscription = {
      signals: yield* Queue.unbounded<Signal>(),
      fetch: () => Effect.never,
      commit: (_partition, _epoch, next) => Effect.asVoid(Queue.offer(told, next)),
      position: () => Effect.succeed(3n),
    };
    const processing: Processing<never, never> = {
      name: "test",
      open: () => Effect.succeed({ from: 7n, apply: () => Effect.succeed(7n), flush: Effect.succeed(7n) }),
      flushAge: undefined,
      isTransient: () => false,
    };
    const ending = yield* Deferred.make<void>();
    const running = yield* Effect.fork(
      incarnation(
        subscription,
        { partition: 0, epoch: 1, ending },
        processing,
        { inbox: 1, batchSize: 1, stallTimeout: Duration.minutes(1) },
        { partition: 0, state: "running", reason: undefined, next: undefined },
        Effect.void,
      ),
    );
    expect(yield* Queue.take(told)).toBe(7n);
    yield* Deferred.succeed(ending, undefined);
    yield* Fiber.join(running);
  }),
);
