/** Handlers: what each route of `Api.ts` does. */
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform";
import { Effect, Layer } from "effect";
import { http } from "../config/Settings.ts";
import type { EventLog } from "../ports/EventLog.ts";
import { Api, type RecommendParams } from "./Api.ts";
import { readJson } from "./Body.ts";
import { Events } from "./Events.ts";
import { json } from "./Guard.ts";
import { Health } from "./Health.ts";
import { contentType, metrics } from "./Metrics.ts";
import { Recommend, type RecommendQuery } from "./Recommend.ts";
import { type Example, newcomer, tryThis } from "./TryThis.ts";

const named = (value: string | undefined): string | undefined => (value === "" ? undefined : value);

const listed = (value: string | undefined): ReadonlyArray<string> =>
  value === undefined
    ? []
    : value
        .split(",")
        .map((entry) => entry.trim())
        .filter((entry) => entry !== "");

const queryOf = (user: string, params: typeof RecommendParams.Type): RecommendQuery => ({
  user,
  k: params.k ?? 10,
  after: params.after,
  productGroup: named(params.product_group),
  productType: named(params.product_type),
  excludeIds: listed(params.exclude_ids),
  excludeGroups: listed(params.exclude_groups),
  excludeTypes: listed(params.exclude_types),
  seen: params.seen,
});

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
