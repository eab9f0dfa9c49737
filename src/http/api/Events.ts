/** Events: what users did. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import type { EventTypes } from "../../domain/EventTypes.ts";
import { eventBodyOf, purchaseInputOf } from "../../serving/EventInput.ts";
import { FieldError } from "../../serving/FieldError.ts";
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
import { idempotent, idempotentAnd } from "./Idempotent.ts";
import { needs } from "./Needs.ts";

const Result = Schema.Union(
  Schema.Struct({ event_id: Schema.String }),
  Schema.Struct({ errors: Schema.Array(FieldError) }),
).annotations({
  identifier: "EventResult",
  description: "The id of an event that was accepted, or what is wrong with it.",
});

export const EventsAnswer = Schema.Struct({
  accepted: Schema.Int,
  event_ids: Schema.Array(Schema.String).annotations({
    description: "Of the events that were accepted, in their order.",
  }),
  token: Schema.String.annotations({ description: "For GET /recommend/{user_id}?after=." }),
  rejected: Schema.optional(Schema.Int).annotations({ description: "With on_error=skip: how many were passed over." }),
  results: Schema.optional(Schema.Array(Result)).annotations({
    description: "With on_error=skip: what became of each event, in their order.",
  }),
}).annotations({ identifier: "EventsAnswer", ...HttpApiSchema.annotations({ status: 202 }) });

/** CloudEvents 1.0 in the JSON format: one, or several together; or with its attributes as headers of this prefix. */
export const cloudTypes = ["application/cloudevents+json", "application/cloudevents-batch+json"] as const;
export const cloudType = /^application\/cloudevents(?:-batch)?\+json\s*(?:;|$)/i;
export const cloudPrefix = "ce-";

const aboutOnError =
  "What becomes of a request in which some events are wrong: refuse: nothing of it is accepted; skip: the others are, and the answer has a result for each. Where none is right it is a 400 or 404 all the same.";
export const EventsParams = Schema.Struct({
  on_error: Schema.optionalWith(
    Schema.Literal("refuse", "skip").annotations({
      message: () => ({ message: "send refuse or skip", override: true }),
      description: aboutOnError,
      jsonSchema: { type: "string", enum: ["refuse", "skip"], default: "refuse", description: aboutOnError },
    }),
    { exact: true },
  ),
}).annotations({ parseOptions: { errors: "all" } });

/**
 * Told of beside the document's body, and not as further bodies: generators of clients make a mess of several, where one of them is a
 * value or a list of it.
 */
const alsoTakes = (operation: Record<string, unknown>) => ({
  ...operation,
  "x-also-takes": ["application/x-ndjson", ...cloudTypes],
});

const takeOf = (types: EventTypes) =>
  HttpApiEndpoint.post("events", "/events")
    .annotateContext(needs("events"))
    .annotateContext(idempotentAnd(alsoTakes))
    .addError(KeyInUse)
    .addError(KeyReused)
    .setUrlParams(EventsParams)
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
      "One event or a list, lines of JSON (application/x-ndjson), or CloudEvents 1.0 (application/cloudevents+json, application/cloudevents-batch+json, or an event as JSON with the attributes as ce- headers): there `data` has the event's fields, and what it lacks comes from `type`, `time`, `source` and `id`. Nothing is accepted when one is wrong, unless on_error=skip asks otherwise. Accepted events are durable and are learnt from within a second. An event with an article id that no model knows is accepted, and kept among the dead letters if it is still unknown when its turn comes.",
    );

const purchaseOf = (types: EventTypes) =>
  HttpApiEndpoint.post("purchase", "/events/purchase")
    .annotateContext(needs("write"))
    .annotateContext(idempotent)
    .addError(KeyInUse)
    .addError(KeyReused)
    .setPayload(purchaseInputOf(types.names))
    .addSuccess(EventsAnswer)
    .addError(ForeignOrigin)
    .addError(NotFound)
    .addError(BodyTooLarge)
    .addError(UnsupportedMediaType)
    .addError(MisdirectedRequest)
    .addError(Unavailable)
    .annotate(OpenApi.Summary, "Tell of a purchase")
    .annotate(
      OpenApi.Description,
      "As POST /events with one event, whose type need not be said: it is `purchase`, or the first of EVENT_TYPES that buys. Indices that no user or item has are a 404.",
    );

/** `types`: of the events that are taken. */
export const eventsOf = (types: EventTypes) =>
  HttpApiGroup.make("events", { topLevel: true })
    .add(takeOf(types))
    .add(purchaseOf(types))
    .annotate(OpenApi.Description, "What users did; the model learns from it at once.");
