/**
 * Standstill: after this process stood still, stopped by a signal, suspended with its machine, or with one turn that took long, who
 * answers waits until what others said meanwhile was heard, so that nothing of it is missing from answers that begin then.
 */
import { Deferred, Effect, FiberId, FiberSet } from "effect";

/** A process that had no turn for longer than this, in milliseconds, stood still: others count on being heard within a second. */
const longest = 1000;

/** Longest that answers wait in all, in milliseconds: then what was known has to do, as while the store is away. */
const patience = 1000;

interface Hearing {
  readonly done: Deferred.Deferred<void>;
  readonly until: number;
}

/**
 * `hear` hears all that was said until it began; one at a time, until the scope ends. `now`: milliseconds of a clock that goes on while
 * the process does not; `pause` waits by that clock. `look` is to be called well more often than every second. `current` waits for what is being heard: nothing, unless
 * the process stood still a moment ago.
 */
export const makeStandstill = (
  hear: Effect.Effect<void>,
  now: () => number,
  pause: (millis: number) => Effect.Effect<void>,
) =>
  Effect.gen(function* () {
    const run = yield* FiberSet.makeRuntime<never>();
    let lookedAt = now();
    let hearing: Hearing | undefined;

    const begin = (at: number): void => {
      const begun = { done: Deferred.unsafeMake<void>(FiberId.none), until: at + patience };
      hearing = begun;
      const end = Effect.suspend(() => {
        hearing = undefined;
        return Deferred.succeed(begun.done, undefined);
      });
      run(Effect.ensuring(hear, end));
    };

    const look = (): void => {
      const at = now();
      const stood = at - lookedAt > longest;
      lookedAt = at;
      if (stood && hearing === undefined) begin(at);
    };

    const current = Effect.suspend(() => {
      look();
      if (hearing === undefined) return Effect.void;
      const left = hearing.until - now();
      return left <= 0 ? Effect.void : Effect.raceFirst(Deferred.await(hearing.done), pause(left));
    });

    return { current, look };
  });
