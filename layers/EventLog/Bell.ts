/** Bell: wakes those who wait for something to change. Rings are counted, so that none is missed between look and wait. */
import { Effect } from "effect";

export interface Bell {
  /** How often it has rung. Taken before looking, given to `wait`. */
  readonly count: () => number;
  readonly ring: () => void;
  /** Returns once it has rung more often than `seen`. */
  readonly wait: (seen: number) => Effect.Effect<void>;
  /** Returns once somebody waits. */
  readonly someone: Effect.Effect<void>;
}

export const makeBell = (): Bell => {
  let rings = 0;
  let sleepers = new Set<() => void>();
  let watcher: (() => void) | undefined;
  return {
    count: () => rings,
    ring: () => {
      rings += 1;
      const woken = sleepers;
      sleepers = new Set();
      for (const wake of woken) wake();
    },
    wait: (seen) =>
      Effect.async<void>((resume) => {
        if (rings > seen) {
          resume(Effect.void);
          return;
        }
        const wake = () => resume(Effect.void);
        sleepers.add(wake);
        watcher?.();
        return Effect.sync(() => {
          sleepers.delete(wake);
        });
      }),
    someone: Effect.async<void>((resume) => {
      if (sleepers.size > 0) {
        resume(Effect.void);
        return;
      }
      watcher = () => {
        watcher = undefined;
        resume(Effect.void);
      };
    }),
  };
};
