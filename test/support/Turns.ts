/** Turns: how often all else that a process has to do could have been done while something ran. */
import { Effect } from "effect";

/** What `use` comes to, and the turns of the event loop meanwhile. */
export const countingTurns = <A, E, R>(
  use: Effect.Effect<A, E, R>,
): Effect.Effect<{ readonly value: A; readonly turns: number }, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const count = { turns: 0, next: setImmediate(() => {}) };
      const turn = (): void => {
        count.turns += 1;
        count.next = setImmediate(turn);
      };
      turn();
      return count;
    }),
    (count) => Effect.map(use, (value) => ({ value, turns: count.turns })),
    (count) => Effect.sync(() => clearImmediate(count.next)),
  );
