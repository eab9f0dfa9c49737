/** Service: the first page, /health/* and /metrics. */
import { readFileSync } from "node:fs";
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform";
import { Effect } from "effect";
import { artifactPath } from "../../kernels/Artifact.ts";
import type { EventLog } from "../../ports/EventLog.ts";
import { Health } from "../../serving/Health.ts";
import { Recommend } from "../../serving/recommend/Recommend.ts";
import { ServingModel } from "../../serving/ServingModel.ts";
import { byTakenTypes } from "../../serving/TakenTypes.ts";
import { type Example, newcomer, tryThis } from "../../serving/TryThis.ts";
import { contentType, metrics } from "../../vitals/Metrics.ts";
import { Api } from "../Api.ts";
import type { Ready } from "../api/Service.ts";
import { NotReady } from "../Problem.ts";
import { json } from "../Responses.ts";
import { consolePath } from "../Routes.ts";

const welcome = (
  host: string,
  example: Example | undefined,
  purchase: string,
) => `Slipstream: recommendations that learn from every click.

${tryThis(`http://${host}`, example, purchase)}
  curl 'http://${host}/items?limit=3'
  curl 'http://${host}/health/ready'

To look at: http://${host}/console
All of it: http://${host}/docs
`;

const safeHost = /^[\w.:[\]-]{1,255}$/;

const ready = Effect.map(Health, ({ readiness }) =>
  Effect.flatMap(readiness, ({ checks, model, newerModel, retraining, warnings, wrong }) => {
    if (model !== undefined && wrong.length === 0) {
      const answer: typeof Ready.Type = {
        status: "ready",
        model,
        newer_model: newerModel ?? null,
        retraining,
        checks,
        warnings,
      };
      return Effect.succeed(json(answer));
    }
    const detail = `Not ready: ${wrong.join("; ")}.`;
    return Effect.fail(new NotReady({ detail, model: model ?? null, checks, warnings }));
  }),
);

const usualType = byTakenTypes(({ names, usual }) => names[usual] ?? "");

const snippet = Effect.sync(() => readFileSync(artifactPath("snippet.js"), "utf8"));

export const layer = HttpApiBuilder.group(Api, "service", (handlers) =>
  Effect.map(
    Effect.all([ready, Recommend, ServingModel, Effect.context<EventLog>(), usualType, snippet]),
    ([ready, { example }, { current }, context, typeFor, snippet]) =>
      handlers
        .handle("welcome", ({ request }) => {
          const { accept, host } = request.headers;
          if (accept?.includes("text/html") === true) {
            return Effect.succeed(
              HttpServerResponse.redirect(consolePath, { status: 303, headers: { vary: "accept" } }),
            );
          }
          const named = host !== undefined && safeHost.test(host) ? host : "localhost:8000";
          // Whoever asks learns of no customer.
          return Effect.zipWith(example, current, (found, serving) =>
            HttpServerResponse.text(
              welcome(named, found === undefined ? undefined : { ...found, user: newcomer }, typeFor(serving)),
              { headers: { vary: "accept" } },
            ),
          );
        })
        .handle("snippet", () => Effect.succeed(HttpServerResponse.text(snippet, { contentType: "text/javascript" })))
        .handle("live", () => Effect.succeed(json({ status: "live" })))
        .handle("ready", () => ready)
        .handle("metrics", () =>
          metrics.pipe(
            Effect.map((text) => HttpServerResponse.text(text, { contentType })),
            Effect.provide(context),
          ),
        ),
  ),
);
