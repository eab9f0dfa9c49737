/** Recommendations: GET and POST /recommend/{user_id}, POST /recommend, /recommend/batch, and POST /trace. Answers are JSON as they stand, and not encoded a second time. */
import { HttpApiBuilder, type HttpServerRequest, HttpServerResponse } from "@effect/platform";
import { Array as Arrays, Effect } from "effect";
import { Beside } from "../../serving/beside/Beside.ts";
import { between } from "../../serving/beside/Messages.ts";
import { answerText } from "../../serving/recommend/AnswerText.ts";
import { Many, together } from "../../serving/recommend/Many.ts";
import { type Common, makeDecodeMany } from "../../serving/recommend/ManyInput.ts";
import { answerLines } from "../../serving/recommend/ManyLines.ts";
import { manyText, userFieldsText } from "../../serving/recommend/ManyText.ts";
import type { RecommendQuery } from "../../serving/recommend/Query.ts";
import { Recommend } from "../../serving/recommend/Recommend.ts";
import { makeTextBytes } from "../../serving/recommend/TextBytes.ts";
import { Trace } from "../../serving/recommend/trace/Trace.ts";
import { makeDecodeTrace } from "../../serving/recommend/trace/TraceInput.ts";
import { makeDecodeVisit } from "../../serving/recommend/VisitInput.ts";
import { ServingModel } from "../../serving/ServingModel.ts";
import { byTakenTypes } from "../../serving/TakenTypes.ts";
import { Api } from "../Api.ts";
import type { ManyParams as Params } from "../api/Recommendations.ts";
import { isLines, readJson } from "../Body.ts";
import { queryOf } from "../Params.ts";
import { invalidRequest, problemOfInput } from "../ProblemOf.ts";
import { json, jsonText } from "../Responses.ts";
import { http } from "../Settings.ts";

const utf8 = new TextDecoder();

type ManyParams = typeof Params.Type;

const commonOf = (params: ManyParams): Common => ({
  query: queryOf("", params),
  isWorded: params.metadata !== "false",
});

export const layer = HttpApiBuilder.group(Api, "recommendations", (handlers) =>
  Effect.gen(function* () {
    const { recommend } = yield* Recommend;
    const decoderFor = yield* byTakenTypes(makeDecodeVisit);
    const { current } = yield* ServingModel;
    const maxBody = yield* http.maxBody.config;
    const answer = (query: RecommendQuery) =>
      recommend(query).pipe(
        Effect.catchTags(problemOfInput),
        Effect.map((found) => jsonText(answerText(found))),
      );
    const answerBody = (user: string | null, request: HttpServerRequest.HttpServerRequest) =>
      readJson(request, maxBody).pipe(
        Effect.flatMap((body) =>
          Effect.flatMap(current, (serving) => Effect.mapError(decoderFor(serving)(user, body), invalidRequest)),
        ),
        Effect.flatMap(answer),
      );
    const { trace } = yield* Trace;
    const decoderForTrace = yield* byTakenTypes(makeDecodeTrace);
    const answerTrace = (request: HttpServerRequest.HttpServerRequest) =>
      Effect.gen(function* () {
        const body = yield* readJson(request, maxBody);
        const query = yield* Effect.mapError(decoderForTrace(yield* current)(body), invalidRequest);
        return json(yield* Effect.catchTags(trace(query), problemOfInput));
      });
    const many = yield* Many;
    const beside = yield* Beside;
    const decoderForMany = yield* byTakenTypes(makeDecodeMany);

    /** What the query says holds where the body says nothing. */
    const answerMany = (request: HttpServerRequest.HttpServerRequest, params: ManyParams) =>
      Effect.gen(function* () {
        yield* many.room;
        yield* many.underWay;
        const body = yield* readJson(request, maxBody, "application/json, or application/x-ndjson");
        const { isWorded, queries } = yield* Effect.mapError(
          decoderForMany(yield* current)(body, commonOf(params)),
          invalidRequest,
        );
        const { caughtUp, serving } = yield* many.round(queries[0]?.after);
        const answerPart = beside.batch();
        const parts = yield* Effect.forEach(
          Arrays.chunksOf(queries, together),
          (queries) => {
            const here = Effect.suspend(() => {
              const { add, take } = makeTextBytes();
              return many
                .answers(serving, queries, (answer, place) =>
                  add(`${place === 0 ? "" : between}${userFieldsText(answer, isWorded)}`),
                )
                .pipe(Effect.map(take));
            });
            return answerPart({ serving, queries, lines: undefined, isWorded }, here);
          },
          { concurrency: beside.atOnce },
        );
        return jsonText(
          manyText(
            serving?.model ?? null,
            parts.map((part) => utf8.decode(part)),
            caughtUp,
          ),
        );
      }).pipe(Effect.scoped, Effect.catchTags(problemOfInput));

    const answerManyLines = (request: HttpServerRequest.HttpServerRequest, params: ManyParams) =>
      Effect.gen(function* () {
        const asked = commonOf(params);
        const { after } = asked.query;
        yield* many.understood(asked.query);
        const waited = after === undefined ? undefined : yield* many.round(after);
        // Whoever waited for events is answered by the model that has them.
        const serving = waited?.caughtUp === true ? Effect.succeed(waited.serving) : current;
        const lines = yield* answerLines(request.stream, { ...asked, serving }, maxBody);
        return HttpServerResponse.stream(lines, { contentType: "application/x-ndjson" });
      }).pipe(
        Effect.provideService(Many, many),
        Effect.provideService(Beside, beside),
        Effect.catchTags(problemOfInput),
      );

    return handlers
      .handleRaw("recommendToMany", ({ request, urlParams }) =>
        isLines(request) ? answerManyLines(request, urlParams) : answerMany(request, urlParams),
      )
      .handle("recommend", ({ path, urlParams }) => answer(queryOf(path.user_id, urlParams)))
      .handleRaw("recommendInVisit", ({ path, request }) => answerBody(path.user_id, request))
      .handleRaw("traceRecommendation", ({ request }) => answerTrace(request))
      .handleRaw("recommendToVisitor", ({ request }) => answerBody(null, request));
  }),
);
