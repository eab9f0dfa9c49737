/** EventLoop: for how long the process's one thread was held, beyond what a timer was set to: in windows of ten seconds. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Effect, Schedule } from "effect";
import { Vitals } from "./Vitals.ts";

/** Milliseconds; 50 looks a second, none of them in JavaScript. */
const resolution = 20;

/** Watches until the scope closes. */
export const watchEventLoop = Effect.gen(function* () {
  const { eventLoop } = yield* Vitals;
  const seen = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const seen = monitorEventLoopDelay({ resolution });
      seen.enable();
      return seen;
    }),
    (seen) => Effect.sync(() => seen.disable()),
  );
  const beyond = (nanos: number) => Math.max(0, nanos / 1e9 - resolution / 1000);
  const look = Effect.sync(() => {
    if (seen.count === 0) return;
    eventLoop.delay = { p50: beyond(seen.percentile(50)), p99: beyond(seen.percentile(99)), max: beyond(seen.max) };
    seen.reset();
  });
  yield* Effect.forkScoped(Effect.schedule(look, Schedule.spaced("10 seconds")));
});
