/** Slices: long loops in short turns, so that signals, timers and the progress display are served in between. */
import { Effect } from "effect";
import type { Task } from "../ports/Progress.ts";

/** Lets everything that waits in the event loop run; `Effect.yieldNow` gives way to other fibers alone. */
const breathe: Effect.Effect<void> = Effect.async((resume) => {
  const turn = setImmediate(() => resume(Effect.void));
  return Effect.sync(() => clearImmediate(turn));
});

/** How many units of `cost` multiplications each make a slice of some milliseconds. */
export const sliceOf = (cost: number): number => Math.max(1, Math.floor(20_000_000 / Math.max(cost, 1)));

/** Calls `work(from, to)` over 0 … total, at most `size` at a time; interruptible between calls. */
export const inSlices = (
  total: number,
  size: number,
  task: Task,
  work: (from: number, to: number) => void,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let from = 0; from < total; from += size) {
      const to = Math.min(from + size, total);
      work(from, to);
      task.advance(to - from);
      yield* breathe;
    }
  });
