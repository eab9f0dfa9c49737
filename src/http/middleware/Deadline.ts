/**
 * Deadline: ends the work on a request that takes longer than ANSWER_TIMEOUT, so that a store that hangs holds no caller.
 *
 * One fiber looks every second at all requests under way, which costs a request less than a timer of its own. Those that send
 * lines, which may be any number, have no deadline.
 */
import { Duration, Effect, type Fiber, FiberId, Schedule } from "effect";
import { Unavailable } from "../Problem.ts";
import { http } from "../Settings.ts";

export interface Watched {
  readonly fiber: Fiber.RuntimeFiber<unknown, unknown>;
  /** Milliseconds of `performance.now()`. */
  readonly until: number;
  over: boolean;
}

export interface Deadline {
  readonly begin: (fiber: Fiber.RuntimeFiber<unknown, unknown>, now: number) => Watched;
  readonly end: (watched: Watched) => void;
  readonly problem: Unavailable;
}

/** Watches until its scope is closed. */
export const makeDeadline = Effect.gen(function* () {
  const limit = yield* http.answerTimeout.config;
  const millis = Duration.toMillis(limit);
  const under = new Set<Watched>();
  const look = Effect.sync(() => {
    const now = performance.now();
    for (const watched of under) {
      // Each after those that came before it.
      if (watched.until > now) break;
      under.delete(watched);
      watched.over = true;
      watched.fiber.unsafeInterruptAsFork(FiberId.none);
    }
  });
  yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced("250 millis")));
  const deadline: Deadline = {
    begin: (fiber, now) => {
      const watched = { fiber, until: now + millis, over: false };
      under.add(watched);
      return watched;
    },
    end: (watched) => void under.delete(watched),
    problem: new Unavailable({
      detail: `No answer within ${Duration.format(limit)} (ANSWER_TIMEOUT), so the work on it was given up: something behind the server hangs. What was sent may have been taken: send it again with the same ids.`,
    }),
  };
  return deadline;
});
