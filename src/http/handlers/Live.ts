/** Live: GET /live. */
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform";
import { Effect, Struct } from "effect";
import { Live } from "../../serving/live/Live.ts";
import { Api } from "../Api.ts";
import { problemOf } from "../ProblemOf.ts";

/** A proxy in between passes on what it is sent, at once. */
const headers = { "x-accel-buffering": "no" };

export const layer = HttpApiBuilder.group(Api, "liveStates", (handlers) =>
  Effect.map(Live, ({ watch }) =>
    handlers.handleRaw("watch", ({ urlParams }) =>
      watch(urlParams.states).pipe(
        Effect.catchTags(Struct.pick(problemOf, "NotNow")),
        Effect.map((texts) => HttpServerResponse.raw(texts, { contentType: "text/event-stream", headers })),
      ),
    ),
  ),
);
