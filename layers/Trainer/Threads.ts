/** Threads: the Trainer port on worker threads of this process. */
import { type ConfigError, Effect, Layer } from "effect";
import { Trainer, type TrainerService } from "../../src/ports/Trainer.ts";
import { trainAls } from "../../src/training/Als.ts";
import { training } from "../../src/training/Settings.ts";

/** `threads`: 0 takes one per core. The factors do not depend on it. */
export const make = (threads: number): TrainerService => ({
  train: (ratings, parameters, onIteration) => trainAls({ ...ratings, parameters, threads }, onIteration),
  refuses: () => undefined,
});

export const layer: Layer.Layer<Trainer, ConfigError.ConfigError> = Layer.effect(
  Trainer,
  Effect.map(training.threads.config, make),
);
