/** Options: the settings that `evaluate` reads, as one value. The model is trained as `batch train` would train it. */
import { Config, Duration } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { values } from "../config/Setting.ts";
import { popularDays } from "../config/Shared.ts";
import { learning } from "../learning/Settings.ts";
import { parameters } from "../training/Parameters.ts";
import type { EvaluateOptions } from "./Evaluate.ts";
import { evaluate as settings } from "./Settings.ts";

export const evaluateOptions: Config.Config<EvaluateOptions> = Config.map(
  Config.all({
    chosen: values(settings),
    model: parameters,
    popularDays: popularDays.config,
    learning: values(learning),
    folder: dataFolder,
  }),
  ({ chosen, model, popularDays, learning, folder }) => ({
    parameters: {
      ...chosen,
      popularDays,
      learner: learning.learner,
      rate: learning.rate,
      decay: learning.decay,
      blend: { decay: learning.blendDecay, taste: learning.blendTaste, popularity: learning.blendPopularity },
      debounceSeconds: Duration.toSeconds(learning.debounce),
      model,
    },
    folder: folder.reports,
  }),
);
