/** Service: the process itself: whether it runs, whether it can serve, and its figures. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { Checks } from "../../vitals/Check.ts";
import { Retraining } from "../../vitals/Retraining.ts";
import { Warning } from "../../vitals/Warnings.ts";
import { MisdirectedRequest, NotReady } from "../Problem.ts";
import { needs } from "./Needs.ts";

export const Ready = Schema.Struct({
  status: Schema.Literal("ready"),
  model: Schema.String.annotations({ description: "Id of the serving model." }),
  newer_model: Schema.NullOr(Schema.Struct({ id: Schema.String, detail: Schema.String })).annotations({
    description: "A model that the last batch made and did not put to use, and why; null where there is none.",
  }),
  retraining: Schema.NullOr(Retraining),
  checks: Checks,
  warnings: Schema.Array(Warning).annotations({
    description: "What does not work beside the answering of recommendations; the process stays ready.",
  }),
}).annotations({ identifier: "Ready" });

const Live = Schema.Struct({ status: Schema.Literal("live") }).annotations({ identifier: "Live" });

export const snippetPath = "/snippet.js";

const text = HttpApiSchema.Text({ contentType: "text/plain" });

export const service = HttpApiGroup.make("service", { topLevel: true })
  .add(
    HttpApiEndpoint.get("welcome", "/")
      .annotateContext(needs("open"))
      .addSuccess(text)
      .addError(MisdirectedRequest)
      .annotate(OpenApi.Summary, "What to try"),
  )
  .add(
    HttpApiEndpoint.get("snippet", snippetPath)
      .annotateContext(needs("open"))
      .addSuccess(HttpApiSchema.Text({ contentType: "text/javascript" }))
      .addError(MisdirectedRequest)
      .annotate(OpenApi.Summary, "A script for the shop's pages that tells of events")
      .annotate(
        OpenApi.Description,
        '`<script src="https://API/snippet.js" data-user="42" data-key="KEY"></script>`, then `slipstream.track("click", "0108775015", { recommendation_id })`. Events carry ids, are tried again, and wait in the tab\'s session storage until they are taken; there are no cookies. Without `data-user` a visitor gets an id for as long as the tab is open (`slipstream.user()`). The page\'s origin must be among ALLOWED_ORIGINS.',
      ),
  )
  .add(
    HttpApiEndpoint.get("live", "/health/live")
      .annotateContext(needs("open"))
      .addSuccess(Live)
      .annotate(OpenApi.Summary, "Whether the process runs"),
  )
  .add(
    HttpApiEndpoint.get("ready", "/health/ready")
      .annotateContext(needs("open"))
      .addSuccess(Ready)
      .addError(NotReady)
      .annotate(OpenApi.Summary, "Whether it can serve")
      .annotate(OpenApi.Description, "Asks each store, with the latency of each, and names the serving model."),
  )
  .add(
    HttpApiEndpoint.get("metrics", "/metrics")
      .annotateContext(needs("read"))
      .addSuccess(text)
      .annotate(OpenApi.Summary, "Counters and gauges in Prometheus's text format"),
  )
  .annotate(OpenApi.Description, "The process itself.");
