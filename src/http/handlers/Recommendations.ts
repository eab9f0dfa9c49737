/** Recommendations: GET and POST /recommend/{user_id}, POST /recommend. Answers are JSON as they stand, and not encoded a second time. */
import { HttpApiBuilder, type HttpServerRequest } from "@effect/platform";
import { Effect } from "effect";
import type { RecommendQuery } from "../../serving/recommend/Query.ts";
import { Recommend } from "../../serving/recommend/Recommend.ts";
import { makeDecodeVisit } from "../../serving/recommend/VisitInput.ts";
import { ServingModel } from "../../serving/ServingModel.ts";
import { byTakenTypes } from "../../serving/TakenTypes.ts";
import { Api } from "../Api.ts";
import { readJson } from "../Body.ts";
import { queryOf } from "../Params.ts";
import { invalidRequest, problemOfInput } from "../ProblemOf.ts";
import { json } from "../Responses.ts";
import { http } from "../Settings.ts";

export const layer = HttpApiBuilder.group(Api, "recommendations", (handlers) =>
  Effect.gen(function* () {
    const { recommend } = yield* Recommend;
    const decoderFor = yield* byTakenTypes(makeDecodeVisit);
    const { current } = yield* ServingModel;
    const maxBody = yield* http.maxBody.config;
    const answer = (query: RecommendQuery) =>
      recommend(query).pipe(
        Effect.catchTags(problemOfInput),
        Effect.map((found) => json(found)),
      );
    const answerBody = (user: string | null, request: HttpServerRequest.HttpServerRequest) =>
      readJson(request, maxBody).pipe(
        Effect.flatMap((body) =>
          Effect.flatMap(current, (serving) => Effect.mapError(decoderFor(serving)(user, body), invalidRequest)),
        ),
        Effect.flatMap(answer),
      );
    return handlers
      .handle("recommend", ({ path, urlParams }) => answer(queryOf(path.user_id, urlParams)))
      .handleRaw("recommendInVisit", ({ path, request }) => answerBody(path.user_id, request))
      .handleRaw("recommendToVisitor", ({ request }) => answerBody(null, request));
  }),
);
