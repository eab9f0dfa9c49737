/** Users: GET /users/{user_id}/profile, GET /users/{user_id}/history. Answers are JSON as they stand. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect } from "effect";
import { Past } from "../../serving/users/Past.ts";
import { Api } from "../Api.ts";
import { defaultLimit, defaultRecent, defaultTop } from "../api/Users.ts";
import { problemOfName } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

export const layer = HttpApiBuilder.group(Api, "users", (handlers) =>
  Effect.map(Past, ({ history, profile }) =>
    handlers
      .handle(
        "profile",
        ({ path, urlParams: { recent_limit: recent = defaultRecent, top_categories: top = defaultTop } }) =>
          profile({ user: path.user_id, recent, top }).pipe(
            Effect.catchTags(problemOfName),
            Effect.map((found) => json(found)),
          ),
      )
      .handle("history", ({ path, urlParams: { limit = defaultLimit } }) =>
        history(path.user_id, limit).pipe(
          Effect.catchTags(problemOfName),
          Effect.map((found) => json(found)),
        ),
      ),
  ),
);
