/** StudySchema: tunings and evaluations that this process started, as the API's document says them. */
import { Schema } from "effect";
import { EvaluationSummary } from "../evaluation/Summary.ts";
import { Worth } from "../models/Evidence.ts";
import { Step } from "../vitals/Steps.ts";

/** So many of the last ones of a kind are remembered. */
export const mostRemembered = 20;

const Moment = Schema.String.annotations({ description: "ISO 8601, in UTC." });
const id = Schema.String.annotations({ examples: ["20261126T031500-3f9a"] });

export const RunningStudy = Schema.Struct({
  id,
  started: Moment,
  step: Schema.NullOr(Step).annotations({ description: "Null between two steps, and before the first." }),
}).annotations({ identifier: "RunningStudy" });
export type RunningStudy = typeof RunningStudy.Type;

export const EndedStudy = Schema.Struct({
  id,
  started: Moment,
  ended: Moment,
  outcome: Schema.Literal("done", "failed"),
  detail: Schema.NullOr(Schema.String).annotations({ description: "Why it failed." }),
}).annotations({ identifier: "EndedStudy" });
export type EndedStudy = typeof EndedStudy.Type;

const runs = {
  running: Schema.NullOr(RunningStudy),
  ended: Schema.Array(EndedStudy).annotations({
    description: `The last ${mostRemembered} that this process started since it began, newest first.`,
  }),
};

export const TunedNow = Schema.Struct({
  tuned_at: Moment,
  proven: Schema.Boolean.annotations({
    description: "Whether the gain is beyond chance: then the next batch goes by it.",
  }),
  learner: Schema.String,
  worth: Worth,
}).annotations({ identifier: "TunedNow" });
export type TunedNow = typeof TunedNow.Type;

export const TuningState = Schema.Struct({
  ...runs,
  tuned: Schema.NullOr(TunedNow).annotations({ description: "What was found last; null where nothing is tuned." }),
}).annotations({ identifier: "TuningState" });
export type TuningState = typeof TuningState.Type;

export const EvaluationState = Schema.Struct({
  ...runs,
  newest: Schema.NullOr(EvaluationSummary).annotations({
    description: "The newest report below DATA_DIR of this process; null where there is none.",
  }),
}).annotations({ identifier: "EvaluationState" });
export type EvaluationState = typeof EvaluationState.Type;
