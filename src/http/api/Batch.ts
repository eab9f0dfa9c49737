/** Batch: learning from all data: started, and how far it is. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { EndedBatch, mostRemembered, RunningBatch } from "../../vitals/BatchRuns.ts";
import { Retraining } from "../../vitals/Retraining.ts";
import { Conflict, ForeignOrigin, MisdirectedRequest, Unavailable } from "../Problem.ts";
import { needs } from "./Needs.ts";

export const BatchState = Schema.Struct({
  running: Schema.NullOr(RunningBatch),
  ended: Schema.Array(EndedBatch).annotations({
    description: `The last ${mostRemembered} that this process started since it began, newest first.`,
  }),
  retraining: Schema.NullOr(Retraining).annotations({
    description: "Learning again by BATCH_EVERY or BATCH_AT; null in a process that does not.",
  }),
}).annotations({ identifier: "BatchState" });

export const batch = HttpApiGroup.make("batch", { topLevel: true })
  .add(
    HttpApiEndpoint.get("batch", "/batch")
      .addSuccess(BatchState)
      .addError(MisdirectedRequest)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "How far the batch is, and what became of the last ones"),
  )
  .add(
    HttpApiEndpoint.post("startBatch", "/batch")
      .addSuccess(RunningBatch.annotations(HttpApiSchema.annotations({ status: 202 })))
      .addError(ForeignOrigin)
      .addError(Conflict)
      .addError(MisdirectedRequest)
      .addError(Unavailable)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "Learn from all data and serve the new model")
      .annotate(
        OpenApi.Description,
        "As BATCH_EVERY does, with the settings of this process, in a process of its own at low priority. Answers at once; GET /batch tells how far it is. Where nothing is new no model is made. 409 while one is under way, another process works on the same files, or DATA_DIR of this process has no data: then ask the API of a process that shares the files with the batch, such as all-in-one, or run `batch` there.",
      ),
  )
  .annotate(OpenApi.Description, "Learning from all data.");
