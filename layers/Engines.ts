/**
 * Engines: what computes a batch, as the settings say. An engine is imported when it is chosen: nothing of Spark is looked for
 * where it is not.
 */
import { type ConfigError, Effect, Layer } from "effect";
import { choice } from "../src/config/Setting.ts";
import type { Progress } from "../src/ports/Progress.ts";
import type { Trainer } from "../src/ports/Trainer.ts";

export const engines = {
  trainer: choice("TRAINER", ["built-in", "spark"], {
    default: "built-in",
    description: "What computes a model's vectors: threads of this process, or Spark ML.",
  }),
};

const threads = Effect.promise(() => import("./Trainer/Threads.ts"));
const sparkMl = Effect.promise(() => import("./Trainer/Spark.ts"));

export const trainer: Layer.Layer<Trainer, ConfigError.ConfigError, Progress> = Layer.unwrapEffect(
  Effect.flatMap(
    engines.trainer.config,
    (chosen): Effect.Effect<Layer.Layer<Trainer, ConfigError.ConfigError, Progress>> =>
      chosen === "spark" ? Effect.map(sparkMl, ({ layer }) => layer) : Effect.map(threads, ({ layer }) => layer),
  ),
);
