/** Studies: tuning and evaluating, which look at the shop's past and change nothing that serves. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { EvaluationState, RunningStudy, TuningState } from "../../studies/StudySchema.ts";
import { Conflict, ForeignOrigin, MisdirectedRequest, Unavailable } from "../Problem.ts";
import { needs } from "./Needs.ts";

const aboutMinutes = "How long is searched; TUNE_MINUTES unless given. A search that is run again goes on.";
const [least, most] = [0.01, 1440];

export const TuneParams = Schema.Struct({
  minutes: Schema.optionalWith(
    Schema.NumberFromString.pipe(Schema.between(least, most)).annotations({
      message: () => ({ message: `send a number from ${least} to ${most}`, override: true }),
      description: aboutMinutes,
      jsonSchema: { type: "number", minimum: least, maximum: most, description: aboutMinutes },
    }),
    { exact: true },
  ),
}).annotations({ parseOptions: { errors: "all" } });

const started = RunningStudy.annotations(HttpApiSchema.annotations({ status: 202 }));

const how =
  "With the settings of this process, in a process of its own at low priority, which ends with this one. Answers at once. 409 while one is under way, or where DATA_DIR of this process has no data.";

export const studies = HttpApiGroup.make("studies", { topLevel: true })
  .add(
    HttpApiEndpoint.get("tuning", "/tuning")
      .addSuccess(TuningState)
      .addError(MisdirectedRequest)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "How far a tuning is, and what was found last"),
  )
  .add(
    HttpApiEndpoint.post("startTuning", "/tuning")
      .setUrlParams(TuneParams)
      .addSuccess(started)
      .addError(ForeignOrigin)
      .addError(Conflict)
      .addError(MisdirectedRequest)
      .addError(Unavailable)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "Search better settings on the shop's own past")
      .annotate(OpenApi.Description, `As the command \`tune\`: the next batch uses what is proven. ${how}`),
  )
  .add(
    HttpApiEndpoint.get("evaluation", "/evaluation")
      .addSuccess(EvaluationState)
      .addError(MisdirectedRequest)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "How far an evaluation is, and what the newest found"),
  )
  .add(
    HttpApiEndpoint.post("startEvaluation", "/evaluation")
      .addSuccess(started)
      .addError(ForeignOrigin)
      .addError(Conflict)
      .addError(MisdirectedRequest)
      .addError(Unavailable)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "Measure the model as it is set against baselines")
      .annotate(OpenApi.Description, `As the command \`evaluate\`, which writes its report below DATA_DIR. ${how}`),
  )
  .annotate(OpenApi.Description, "Tuning and evaluating, which change nothing that serves.");
