/** Lists: GET /items/{item_id}/similar, GET /items/{item_id}/bought-together, GET /trending. Answers are JSON as they stand. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect } from "effect";
import { Lists } from "../../serving/lists/Lists.ts";
import { Api } from "../Api.ts";
import { listQueryOf } from "../ListParams.ts";
import { problemOf, problemOfInput } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

export const layer = HttpApiBuilder.group(Api, "lists", (handlers) =>
  Effect.map(Lists, ({ boughtTogether, similar, trending }) =>
    handlers
      .handle("similarItems", ({ path, urlParams }) =>
        similar({ ...listQueryOf(urlParams), item: path.item_id }).pipe(
          Effect.catchTags(problemOf),
          Effect.map((found) => json(found)),
        ),
      )
      .handle("boughtTogether", ({ path, urlParams }) =>
        boughtTogether({ ...listQueryOf(urlParams), item: path.item_id }).pipe(
          Effect.catchTags(problemOf),
          Effect.map((found) => json(found)),
        ),
      )
      .handle("trending", ({ urlParams: { half_life, ...params } }) =>
        trending({ ...listQueryOf(params), halfLife: half_life }).pipe(
          Effect.catchTags(problemOfInput),
          Effect.map((found) => json(found)),
        ),
      ),
  ),
);
