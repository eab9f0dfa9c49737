/** Configured: `tune` as the settings have it: it searches, or shows what is tuned, or forgets it. */
import { Config, Duration, Effect } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { values } from "../config/Setting.ts";
import { popularDays } from "../config/Shared.ts";
import { evaluate } from "../evaluation/Settings.ts";
import { learning } from "../learning/Settings.ts";
import { inTurn } from "../ports/Turns.ts";
import { forgetTuned, readTuned } from "../training/TunedFile.ts";
import { defaultsGiven } from "./Defaults.ts";
import type { Judged } from "./Measure.ts";
import { tuning } from "./Settings.ts";
import { forgetTrials, readTrials } from "./Trials.ts";
import { tune } from "./Tune.ts";
import { formatTuned, trialsKept } from "./Words.ts";

const judged: Config.Config<Judged> = Config.map(
  Config.all({ repeats: evaluate.repeats.config, popularDays: popularDays.config, debounce: learning.debounce.config }),
  ({ debounce, ...others }) => ({ ...others, debounceSeconds: Duration.toSeconds(debounce) }),
);

const search = Effect.gen(function* () {
  const { minutes, seed } = yield* values(tuning);
  return formatTuned(yield* tune({ minutes, seed, judged: yield* judged, ...(yield* defaultsGiven) }));
});

const show = Effect.gen(function* () {
  const [tuned, kept, { root }] = yield* Effect.all([readTuned, readTrials, dataFolder]);
  const trials = kept?.results.size ?? 0;
  if (tuned !== undefined) return formatTuned(tuned);
  return trials === 0
    ? `Nothing is tuned in ${root}: \`batch\` goes by the defaults. \`tune\` searches better settings.`
    : `Nothing is tuned in ${root} yet, but a search was begun: ${trialsKept(trials)}, and \`tune\` goes on from there. \`batch\` goes by the defaults.`;
});

const forget = Effect.gen(function* () {
  const [tuned, trials] = yield* Effect.all([forgetTuned, forgetTrials]);
  return tuned || trials
    ? "Forgotten: the next `batch` goes by the defaults. Models that were made before keep their settings."
    : "Nothing was tuned.";
}).pipe(inTurn("forgetting what is tuned", "tuning"));

/** Answers what is to be printed. */
export const tuneConfigured = Effect.flatMap(values(tuning), (chosen) =>
  Effect.gen(function* () {
    if (chosen.forget) return yield* forget;
    return yield* chosen.show ? show : search;
  }),
);
