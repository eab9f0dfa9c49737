/** Forgetting: DELETE /users/{user_id}, GET /users/{user_id}/export, GET /receipts/{receipt}. */
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform";
import { Effect, Stream, Struct } from "effect";
import { Export } from "../../serving/Export.ts";
import { Forgetting } from "../../serving/Forgetting.ts";
import { Api } from "../Api.ts";
import { problemOf, problemOfName } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

export const layer = HttpApiBuilder.group(Api, "forgetting", (handlers) =>
  Effect.gen(function* () {
    const { forget, receipt } = yield* Forgetting;
    const exports = yield* Export;
    return handlers
      .handle("forgetUser", ({ path }) =>
        forget(path.user_id).pipe(
          Effect.catchTags(Struct.pick(problemOf, "NotNow")),
          Effect.map((found) => json(found, 202)),
        ),
      )
      .handleRaw("exportUser", ({ path }) =>
        exports.held(path.user_id).pipe(
          Effect.catchTags(Struct.pick(problemOf, "NotNow")),
          Effect.map((pieces) =>
            HttpServerResponse.stream(Stream.encodeText(pieces), { contentType: "application/json" }),
          ),
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
