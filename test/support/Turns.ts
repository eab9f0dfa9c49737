/** Turns: how often all else that a process has to do could have been done while something ran. */
import { Effect } from "effect";

const counted = { turns: 0 };

/** The number of the event loop's turn, while turns are counted. */
export const turnNow = (): number => counted.turns;

/** What `use` comes to, and the turns of the event loop meanwhile. */
export const countingTurns = <A, E, R>(
  use: Effect.Effect<A, E, R>,
): Effect.Effect<{ readonly value: A; readonly turns: number }, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const count = { from: counted.turns, next: setImmediate(() => {}) };
      const turn = (): void => {
        counted.turns += 1;
        count.next = setImmediate(turn);
      };
      turn();
      return count;
    }),
    ({ from }) => Effect.map(use, (value) => ({ value, turns: counted.turns - from })),
    (count) => Effect.sync(() => clearImmediate(count.next)),
  );
