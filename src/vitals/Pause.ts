/** Pause: waiting by the machine's own clock, whichever clock the program goes by. */
import { Effect } from "effect";

export const pause = (millis: number): Effect.Effect<void> =>
  Effect.async((resume) => {
    const timer = setTimeout(() => resume(Effect.void), millis);
    return Effect.sync(() => clearTimeout(timer));
  });
