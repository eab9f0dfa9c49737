/** A process of its own: an updater of the numbered events, over the Kafka and the Redis of the environment. */
import { Effect, Exit, Layer, Logger, LogLevel } from "effect";
import { stores } from "../../layers/Live.ts";
import { role } from "./NumberedEvents.ts";

const fiber = Effect.runFork(
  Effect.scoped(role).pipe(
    Effect.provide(stores),
    Effect.provide(Layer.merge(Logger.logFmt, Logger.minimumLogLevel(LogLevel.Info))),
  ),
);
process.once("SIGTERM", () => fiber.unsafeInterruptAsFork(fiber.id()));
fiber.addObserver((exit) => {
  process.exitCode = Exit.isInterrupted(exit) ? 0 : 1;
});
