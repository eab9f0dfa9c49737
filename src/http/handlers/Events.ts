/** Events: POST /events. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect } from "effect";
import { Events } from "../../serving/Events.ts";
import { Api } from "../Api.ts";
import { readJson } from "../Body.ts";
import { problemOf } from "../ProblemOf.ts";
import { json } from "../Responses.ts";
import { http } from "../Settings.ts";

export const layer = HttpApiBuilder.group(Api, "events", (handlers) =>
  Effect.gen(function* () {
    const { accept } = yield* Events;
    const maxBody = yield* http.maxBody.config;
    return handlers.handleRaw("events", ({ request }) =>
      readJson(request, maxBody).pipe(
        Effect.flatMap((body) => Effect.catchTags(accept(body), problemOf)),
        Effect.map((accepted) => json(accepted, 202)),
      ),
    );
  }),
);
