/** Handlers: what each route of `Api.ts` does. */
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform";
import { Effect, Layer } from "effect";
import { http } from "../config/Settings.ts";
import type { EventLog } from "../ports/EventLog.ts";
import { Events } from "../serving/Events.ts";
import { Health } from "../serving/Health.ts";
import { Recommend } from "../serving/Recommend.ts";
import { type Example, newcomer, tryThis } from "../serving/TryThis.ts";
import { contentType, metrics } from "../vitals/Metrics.ts";
import { Api } from "./Api.ts";
import { readJson } from "./Body.ts";
import { queryOf } from "./Query.ts";
import { json } from "./Responses.ts";

const recommendations = HttpApiBuilder.group(Api, "recommendations", (handlers) =>
  Effect.map(Recommend, ({ recommend }) =>
    handlers.handle("recommend", ({ path, urlParams }) =>
      Effect.map(recommend(queryOf(path.user_id, urlParams)), (answer) => json(answer)),
    ),
  ),
);

const events = HttpApiBuilder.group(Api, "events", (handlers) =>
  Effect.gen(function* () {
    const { accept } = yield* Events;
    const maxBody = yield* http.maxBody.config;
    return handlers.handleRaw("events", ({ request }) =>
      readJson(request, maxBody).pipe(
        Effect.flatMap(accept),
        Effect.map((accepted) => json(accepted, 202)),
      ),
    );
  }),
);

const welcome = (
  host: string,
  example: Example | undefined,
) => `Slipstream: recommendations that learn from every click.

${tryThis(`http://${host}`, example)}
  curl 'http://${host}/health/ready'

All of it: http://${host}/docs
`;

const safeHost = /^[\w.:[\]-]{1,255}$/;

const service = HttpApiBuilder.group(Api, "service", (handlers) =>
  Effect.map(Effect.all([Health, Recommend, Effect.context<EventLog>()]), ([{ ready }, { example }, context]) =>
    handlers
      .handle("welcome", ({ request }) => {
        const { host } = request.headers;
        const named = host !== undefined && safeHost.test(host) ? host : "localhost:8000";
        // Whoever asks learns of no customer.
        return Effect.map(example, (found) =>
          HttpServerResponse.text(welcome(named, found === undefined ? undefined : { ...found, user: newcomer })),
        );
      })
      .handle("live", () => Effect.succeed(json({ status: "live" })))
      .handle("ready", () => Effect.map(ready, (report) => json(report)))
      .handle("metrics", () =>
        metrics.pipe(
          Effect.map((text) => HttpServerResponse.text(text, { contentType })),
          Effect.provide(context),
        ),
      ),
  ),
);

export const layer = HttpApiBuilder.api(Api).pipe(Layer.provide([recommendations, events, service]));
