/** Notifier: wakes those who wait for something to change. Changes are counted, so that none is missed between look and wait. */
import { Effect } from "effect";

export interface Notifier {
  /** How often it was notified. Taken before looking, given to `wait`. */
  readonly count: () => number;
  readonly notify: () => void;
  /** Returns once it was notified more often than `seen`. */
  readonly wait: (seen: number) => Effect.Effect<void>;
  /** Returns once somebody waits. */
  readonly someone: Effect.Effect<void>;
}

export const makeNotifier = (): Notifier => {
  let changes = 0;
  let sleepers = new Set<() => void>();
  let watcher: (() => void) | undefined;
  return {
    count: () => changes,
    notify: () => {
      changes += 1;
      const woken = sleepers;
      sleepers = new Set();
      for (const wake of woken) wake();
    },
    wait: (seen) =>
      Effect.async<void>((resume) => {
        if (changes > seen) {
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
