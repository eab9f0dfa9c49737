/** Silence: tells of a step that Spark says nothing of, as when a cluster has no room for its executors. */
import { Duration, Effect } from "effect";
import type { SparkProgress } from "./Session.ts";

const silence = Duration.minutes(2);

/** Does `work`, which hands on what it hears of the step's stages. */
export const tellingSilence = <A, E>(
  { log, step }: { readonly log: string; readonly step: string },
  watch: (progress: SparkProgress) => void,
  work: (watch: (progress: SparkProgress) => void) => Effect.Effect<A, E>,
): Effect.Effect<A, E> => {
  let isHeard = true;
  const silent: Effect.Effect<void> = Effect.delay(
    Effect.suspend(() => {
      const again = isHeard;
      isHeard = false;
      return again ? silent : Effect.void;
    }),
    silence,
  );
  const telling = Effect.zipRight(
    silent,
    Effect.logWarning(
      `Spark has told nothing of ${step} for two minutes: it is at one long task, or waits for executors for which its ` +
        `cluster has no room. It goes on when it can; Ctrl-C cancels (Spark's log: ${log})`,
    ),
  );
  const heard = (progress: SparkProgress): void => {
    isHeard = true;
    watch(progress);
  };
  return Effect.scoped(Effect.zipRight(Effect.forkScoped(telling), work(heard)));
};
