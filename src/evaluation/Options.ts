/** Options: what `evaluate` reads, as one value. The model is trained and its shoppers learnt from as the next batch would have it. */
import { Duration, Effect } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { values } from "../config/Setting.ts";
import { popularDays } from "../config/Shared.ts";
import { learning } from "../learning/Settings.ts";
import { choice } from "../training/Choice.ts";
import { readTuned } from "../training/TunedFile.ts";
import type { EvaluateOptions } from "./Evaluate.ts";
import { evaluate as settings } from "./Settings.ts";
import { tunedReport } from "./TunedSettings.ts";

export const evaluateOptions = Effect.gen(function* () {
  const chosen = yield* choice;
  const { learning: online, metric, parameters } = chosen;
  const options: EvaluateOptions = {
    parameters: {
      ...(yield* values(settings)),
      popularDays: yield* popularDays.config,
      ...online,
      metric,
      debounceSeconds: Duration.toSeconds(yield* learning.debounce.config),
      model: parameters,
    },
    tuned: tunedReport(yield* readTuned, chosen),
    folder: (yield* dataFolder).reports,
  };
  return options;
});
