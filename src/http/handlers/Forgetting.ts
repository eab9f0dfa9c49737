/** Forgetting: DELETE /users/{user_id}, GET /receipts/{receipt}. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect, Struct } from "effect";
import { Forgetting } from "../../serving/Forgetting.ts";
import { Api } from "../Api.ts";
import { problemOf, problemOfName } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

export const layer = HttpApiBuilder.group(Api, "forgetting", (handlers) =>
  Effect.gen(function* () {
    const { forget, receipt } = yield* Forgetting;
    return handlers
      .handle("forgetUser", ({ path }) =>
        forget(path.user_id).pipe(
          Effect.catchTags(Struct.pick(problemOf, "NotNow")),
          Effect.map((found) => json(found, 202)),
        ),
      )
      .handle("receipt", ({ path }) =>
        receipt(path.receipt).pipe(
          Effect.catchTags(problemOfName),
          Effect.map((found) => json(found)),
        ),
      );
  }),
);
