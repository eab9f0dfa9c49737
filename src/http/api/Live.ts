/** Live: how all is, told every second. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { LiveState } from "../../serving/live/LiveState.ts";
import { MisdirectedRequest, Unavailable } from "../Problem.ts";
import { needs } from "./Needs.ts";

export const livePath = "/live";
const mostStates = 86_400;

const aboutStates = "So many states, and it ends. Without, it goes on until the caller leaves or the process stops.";
const LiveParams = Schema.Struct({
  states: Schema.optionalWith(
    Schema.String.pipe(
      Schema.pattern(/^[1-9]\d*$/),
      Schema.compose(Schema.NumberFromString),
      Schema.between(1, mostStates),
    ).annotations({
      message: () => ({ message: `send a whole number from 1 to ${mostStates}`, override: true }),
      description: aboutStates,
      jsonSchema: { type: "integer", minimum: 1, maximum: mostStates, description: aboutStates },
    }),
    { exact: true },
  ),
}).annotations({ parseOptions: { errors: "all" } });

export const live = HttpApiGroup.make("liveStates", { topLevel: true })
  .add(
    HttpApiEndpoint.get("watch", livePath)
      .setUrlParams(LiveParams)
      .addSuccess(LiveState.pipe(HttpApiSchema.withEncoding({ kind: "Json", contentType: "text/event-stream" })))
      .addError(MisdirectedRequest)
      .addError(Unavailable)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "How all is, each second, as server-sent events")
      .annotate(
        OpenApi.Description,
        "Events called `state`, each with a LiveState as its data, the first at once. A caller who reads too slowly loses the oldest, and gets an event `lost` with `states`: how many. Events of shoppers are a sample, the newest of each second.",
      ),
  )
  .annotate(OpenApi.Description, "How all is, as it happens.");
