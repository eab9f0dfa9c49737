/** Settings: when all data is learnt from again. */
import { Config, Duration } from "effect";
import type { Rule } from "../config/Check.ts";
import { duration, text } from "../config/Setting.ts";
import * as Times from "../config/Times.ts";

/** Of what learns again by itself: all-in-one and retrain. */
export const retraining = {
  every: duration("BATCH_EVERY", {
    default: "0 seconds",
    description: "Learn from all data again so long after the last model was made; 0 seconds: never.",
  }),
  at: text(
    "BATCH_AT",
    {
      default: "",
      description:
        "Learn from all data again daily at this time, by the clock of the process (TZ). A missed time is made up for, once.",
    },
    Times.timeOfDay,
  ),
};

export const rules: ReadonlyArray<Rule> = [
  Config.map(Config.all({ every: retraining.every.config, at: retraining.at.config }), ({ at, every }) =>
    at !== "" && !Duration.isZero(every)
      ? `${retraining.every.env} and ${retraining.at.env} exclude each other: drop ${retraining.at.env} to learn every ${Duration.format(every)}, or ${retraining.every.env} to learn daily at ${at}`
      : undefined,
  ),
];
