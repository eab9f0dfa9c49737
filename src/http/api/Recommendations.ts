/** Recommendations: what to show to a user. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform";
import { Context, Schema } from "effect";
import type { EventTypes } from "../../domain/EventTypes.ts";
import { key } from "../../serving/EventInput.ts";
import { Answer } from "../../serving/recommend/Answer.ts";
import { ManyAnswer } from "../../serving/recommend/ManyAnswer.ts";
import { ManyBody, maxUsers } from "../../serving/recommend/ManyInput.ts";
import { Traced } from "../../serving/recommend/trace/Traced.ts";
import { traceInputOf } from "../../serving/recommend/trace/TraceInput.ts";
import { shopperVisitInputOf, visitInputOf } from "../../serving/recommend/VisitInput.ts";
import { RecommendParams } from "../Params.ts";
import {
  BodyTooLarge,
  ForeignOrigin,
  MisdirectedRequest,
  Unavailable,
  UnsupportedMediaType,
  UriTooLong,
} from "../Problem.ts";
import { needs } from "./Needs.ts";

const userPath = Schema.Struct({ user_id: key(256) }).annotations({ parseOptions: { errors: "all" } });

const recommend = HttpApiEndpoint.get("recommend", "/recommend/:user_id")
  .annotateContext(needs("read"))
  .setPath(userPath)
  .setUrlParams(RecommendParams)
  .addSuccess(Answer)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Recommend items to a user")
  .annotate(
    OpenApi.Description,
    "user_id is the shop's own customer id or, where no customer's id is a whole number, the internal index. What the user bought and did not give back is left out, unless seen=none says otherwise, and what they hid; so is what the shop's items file lacks. An answer has k items while k are eligible: by the user's taste, then what is trending, then all others by their buyers. An unknown user gets what is trending. While the user store fails, what was bought is not known.",
  );

const inVisitOf = (types: EventTypes) =>
  HttpApiEndpoint.post("recommendInVisit", "/recommend/:user_id")
    .annotateContext(needs("read"))
    .setPath(userPath)
    .setPayload(shopperVisitInputOf(types))
    .addSuccess(Answer)
    .addError(UriTooLong)
    .addError(ForeignOrigin)
    .addError(BodyTooLarge)
    .addError(UnsupportedMediaType)
    .addError(MisdirectedRequest)
    .addError(Unavailable)
    .annotate(OpenApi.Summary, "Recommend items to a user in the middle of a visit")
    .annotate(
      OpenApi.Description,
      "As GET, with all that it takes in a body, for filters and lists of any length. What the user did in this visit and was not sent as events may be in `context`: it counts as if it had just happened behind all that is stored of them, and nothing of it is stored or learnt.",
    );

const toVisitorOf = (types: EventTypes) =>
  HttpApiEndpoint.post("recommendToVisitor", "/recommend")
    .annotateContext(needs("read"))
    .setPayload(visitInputOf(types))
    .addSuccess(Answer)
    .addError(ForeignOrigin)
    .addError(BodyTooLarge)
    .addError(UnsupportedMediaType)
    .addError(MisdirectedRequest)
    .addError(Unavailable)
    .annotate(OpenApi.Summary, "Recommend items to a visitor")
    .annotate(
      OpenApi.Description,
      "For whoever has no id, or none yet: what they did in this visit is in the request, and nothing of it is stored or learnt. What they bought in it is left out, unless seen=none. Items that the model does not know are passed over; without any that it knows, the answer is what is trending.",
    );

const aboutMetadata =
  "Whether items are worded; false: their ids, scores and sources alone, which is quicker and shorter.";
const metadata = Schema.Literal("true", "false").annotations({
  message: () => ({ message: "send true or false", override: true }),
  description: aboutMetadata,
  jsonSchema: { type: "boolean", default: true, description: aboutMetadata },
});
const { page: _, ...shared } = RecommendParams.fields;

export const ManyParams = Schema.Struct({
  ...shared,
  metadata: Schema.optionalWith(metadata, { exact: true }),
}).annotations({ parseOptions: { errors: "all" } });

/** Lines are told of beside the document's body, as of events. */
const alsoLines = (operation: Record<string, unknown>) => ({
  ...operation,
  "x-also-takes": ["application/x-ndjson"],
});

const toMany = HttpApiEndpoint.post("recommendToMany", "/recommend/batch")
  .annotateContext(Context.add(needs("read"), OpenApi.Transform, alsoLines))
  .setUrlParams(ManyParams)
  .setPayload(ManyBody)
  .addSuccess(ManyAnswer)
  .addError(ForeignOrigin)
  .addError(BodyTooLarge)
  .addError(UnsupportedMediaType)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Recommend items to many users")
  .annotate(
    OpenApi.Description,
    `Each user's list is the one that GET /recommend/{user_id} gives, of one model. As JSON up to ${maxUsers} users, with what is common to all in the body (parameters of the query hold where the body says nothing). As lines (application/x-ndjson) any number of them: one {"user_id": "42"} a line, with a \`k\` of its own where it wants one, and what is common in the query. Then the answer is lines, too, one for each in their order, sent while the request arrives: {"line", "user", "source", "model", "recommendation_id", "recommendations"} or, of a line that cannot be used, {"line", "errors"}; blank lines have none. Nothing more is read while the answer is not: send and read at the same time. A user called batch is asked for by GET. At most MAX_BATCHES are answered at a time.`,
  );

const traceOf = (types: EventTypes) =>
  HttpApiEndpoint.post("traceRecommendation", "/trace")
    .annotateContext(needs("admin"))
    .setPayload(traceInputOf(types))
    .addSuccess(Traced)
    .addError(ForeignOrigin)
    .addError(BodyTooLarge)
    .addError(UnsupportedMediaType)
    .addError(MisdirectedRequest)
    .addError(Unavailable)
    .annotate(OpenApi.Summary, "Recommend items, and tell how each came about")
    .annotate(
      OpenApi.Description,
      "The list that POST /recommend and POST /recommend/{user_id} give to the same question, with each stage of it: what every source gave, what the gate took out and why, scores with their parts, re-ranking with the places before and after, and how long it took. It is shown to nobody: it has no recommendation_id, and counts as no answer. A user called trace is asked for by GET.",
    );

/** `types`: of the events that a visit may hold. */
export const recommendationsOf = (types: EventTypes) =>
  HttpApiGroup.make("recommendations", { topLevel: true })
    .add(recommend)
    .add(toMany)
    .add(traceOf(types))
    .add(inVisitOf(types))
    .add(toVisitorOf(types))
    .annotate(OpenApi.Description, "What to show to a user.");
