/**
 * Engines: what computes a batch, as the settings say. An engine is imported when it is chosen: nothing of Spark is looked for
 * where it is not.
 */
import { Config, type ConfigError, Effect, Layer } from "effect";
import { choice } from "../src/config/Setting.ts";
import type { BatchSteps } from "../src/ports/BatchSteps.ts";
import type { Progress } from "../src/ports/Progress.ts";
import type { Sql } from "../src/ports/Sql.ts";
import type { Tables } from "../src/ports/Tables.ts";
import type { Trainer } from "../src/ports/Trainer.ts";

export const engines = {
  engine: choice("ENGINE", ["built-in", "spark"], {
    default: "built-in",
    description:
      "What adds up tables, trains and counts best sellers: this process, or Spark, for what outgrows a machine.",
  }),
  trainer: choice("TRAINER", ["engine", "built-in", "spark"], {
    default: "engine",
    description: "What computes a model's vectors: as ENGINE says, threads of this process, or Spark ML.",
  }),
};

type Steps = Layer.Layer<BatchSteps, ConfigError.ConfigError, Tables | Sql>;
type Training = Layer.Layer<Trainer, ConfigError.ConfigError, Progress>;

/** One for both, as there is one of each layer. */
const sessions = Layer.unwrapEffect(
  Effect.map(
    Effect.promise(() => import("./engines/spark/Sessions.ts")),
    ({ layer }) => layer("batch"),
  ),
);

const layerOf = <L>(module: () => Promise<{ readonly layer: L }>): Effect.Effect<L> =>
  Effect.map(Effect.promise(module), ({ layer }) => layer);

/** The batch's steps. */
export const steps: Steps = Layer.unwrapEffect(
  Effect.flatMap(engines.engine.config, (engine) =>
    engine === "spark"
      ? Effect.map(
          layerOf(() => import("./BatchSteps/Spark.ts")),
          Layer.provide(sessions),
        )
      : layerOf<Steps>(() => import("./BatchSteps/BuiltIn.ts")),
  ),
);

const trainerChosen = Config.map(
  Config.all({ engine: engines.engine.config, trainer: engines.trainer.config }),
  ({ engine, trainer }) => (trainer === "engine" ? engine : trainer),
);

export const trainer: Training = Layer.unwrapEffect(
  Effect.flatMap(trainerChosen, (chosen) =>
    chosen === "spark"
      ? Effect.map(
          layerOf(() => import("./Trainer/Spark.ts")),
          Layer.provide(sessions),
        )
      : layerOf<Training>(() => import("./Trainer/Threads.ts")),
  ),
);
