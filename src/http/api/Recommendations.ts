/** Recommendations: what to show to a user. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import type { EventTypes } from "../../domain/EventTypes.ts";
import { key } from "../../serving/EventInput.ts";
import { Answer } from "../../serving/recommend/Answer.ts";
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

/** `types`: of the events that a visit may hold. */
export const recommendationsOf = (types: EventTypes) =>
  HttpApiGroup.make("recommendations", { topLevel: true })
    .add(recommend)
    .add(inVisitOf(types))
    .add(toVisitorOf(types))
    .annotate(OpenApi.Description, "What to show to a user.");
