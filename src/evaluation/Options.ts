/** Options: the settings that `evaluate` reads, as one value. The model is trained as `batch train` would train it. */
import { Config, Duration } from "effect";
import { evaluate as settings } from "../config/DataSettings.ts";
import { batch, learning, storage, values } from "../config/Settings.ts";
import type { EvaluateOptions } from "./Evaluate.ts";

export const evaluateOptions: Config.Config<EvaluateOptions> = Config.map(
  Config.all({
    chosen: values(settings),
    model: values(batch),
    learning: values(learning),
    storage: values(storage),
  }),
  ({ chosen, model, learning, storage }) => ({
    parameters: {
      ...chosen,
      popularDays: model.popularDays,
      rate: learning.rate,
      decay: learning.decay,
      debounceSeconds: Duration.toSeconds(learning.debounce),
      model: {
        rank: model.rank,
        regularization: model.regularization,
        alpha: model.alpha,
        iterations: model.iterations,
        seed: model.seed,
      },
    },
    threads: model.threads,
    folder: `${storage.dataDir}/reports`,
  }),
);
