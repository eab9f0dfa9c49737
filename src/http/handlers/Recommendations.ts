/** Recommendations: GET /recommend/{user_id}. Answers are JSON as they stand, and not encoded a second time. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect } from "effect";
import { Recommend } from "../../serving/recommend/Recommend.ts";
import { Api } from "../Api.ts";
import { queryOf } from "../Params.ts";
import { problemOfRecommend } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

export const layer = HttpApiBuilder.group(Api, "recommendations", (handlers) =>
  Effect.map(Recommend, ({ recommend }) =>
    handlers.handle("recommend", ({ path, urlParams }) =>
      recommend(queryOf(path.user_id, urlParams)).pipe(
        Effect.catchTags(problemOfRecommend),
        Effect.map((answer) => json(answer)),
      ),
    ),
  ),
);
