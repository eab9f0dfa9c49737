/** Events: what users did. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import type { EventTypes } from "../../domain/EventTypes.ts";
import { eventBodyOf } from "../../serving/EventInput.ts";
import {
  BodyTooLarge,
  ForeignOrigin,
  KeyInUse,
  KeyReused,
  MisdirectedRequest,
  NotFound,
  Unavailable,
  UnsupportedMediaType,
} from "../Problem.ts";
import { idempotent } from "./Idempotent.ts";
import { needs } from "./Needs.ts";

export const EventsAnswer = Schema.Struct({
  accepted: Schema.Int,
  event_ids: Schema.Array(Schema.String).annotations({ description: "In the order of the events." }),
  token: Schema.String.annotations({ description: "For GET /recommend/{user_id}?after=." }),
}).annotations({ identifier: "EventsAnswer", ...HttpApiSchema.annotations({ status: 202 }) });

const takeOf = (types: EventTypes) =>
  HttpApiEndpoint.post("events", "/events")
    .annotateContext(needs("write"))
    .annotateContext(idempotent)
    .addError(KeyInUse)
    .addError(KeyReused)
    .setPayload(eventBodyOf(types.names))
    .addSuccess(EventsAnswer)
    .addError(ForeignOrigin)
    .addError(NotFound)
    .addError(BodyTooLarge)
    .addError(UnsupportedMediaType)
    .addError(MisdirectedRequest)
    .addError(Unavailable)
    .annotate(OpenApi.Summary, "Tell what users did")
    .annotate(
      OpenApi.Description,
      "One event or a list; nothing of a list is accepted when one is wrong. Accepted events are durable and are learnt from within a second. An event with an article id that no model knows is accepted, and kept among the dead letters if it is still unknown when its turn comes.",
    );

/** `types`: of the events that are taken. */
export const eventsOf = (types: EventTypes) =>
  HttpApiGroup.make("events", { topLevel: true })
    .add(takeOf(types))
    .annotate(OpenApi.Description, "What users did; the model learns from it at once.");
