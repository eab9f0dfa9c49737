/** Models: /models and below. */
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform";
import { Effect, Struct } from "effect";
import { Models } from "../../serving/Models.ts";
import { Api } from "../Api.ts";
import { problemOf, problemOfDeed, problemOfName } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

const deleted = HttpServerResponse.empty({ status: 204 });

export const layer = HttpApiBuilder.group(Api, "models", (handlers) =>
  Effect.map(Models, ({ card, list, remove, use }) =>
    handlers
      .handle("models", () =>
        list.pipe(
          Effect.catchTags(Struct.pick(problemOf, "NotNow")),
          Effect.map((models) => json({ serving: models.find(({ serves }) => serves)?.id ?? null, models })),
        ),
      )
      .handle("model", ({ path }) =>
        card(path.model_id).pipe(
          Effect.catchTags(problemOfName),
          Effect.map((found) => json(found)),
        ),
      )
      .handle("useModel", ({ path }) =>
        use(path.model_id).pipe(
          Effect.catchTags(problemOfDeed),
          Effect.map((begun) => json(begun, 202)),
        ),
      )
      .handle("deleteModel", ({ path }) =>
        remove(path.model_id).pipe(Effect.catchTags(problemOfDeed), Effect.as(deleted)),
      ),
  ),
);
