/** Events: POST /events, as JSON, as lines of JSON, or as CloudEvents; POST /events/purchase. */
import { HttpApiBuilder, type HttpServerRequest } from "@effect/platform";
import { Effect, Either, Encoding } from "effect";
import { type Batch, Events } from "../../serving/Events.ts";
import { Purchase } from "../../serving/Purchase.ts";
import { eventsIn, eventsInLines } from "../../serving/SentEvents.ts";
import { Api } from "../Api.ts";
import { cloudPrefix, cloudType, cloudTypes } from "../api/Events.ts";
import { isLines, readJson, readLines } from "../Body.ts";
import { problemOf } from "../ProblemOf.ts";
import { json } from "../Responses.ts";
import { http } from "../Settings.ts";

type Request = HttpServerRequest.HttpServerRequest;

const types = `application/json, application/x-ndjson, ${cloudTypes.join(" or ")}`;

/** What headers cannot hold is sent in percent signs. */
const unescaped = (value: string): string => Either.getOrElse(Encoding.decodeUriComponent(value), () => value);

/** The attributes of a CloudEvent in binary mode, which are headers; undefined: it is none. */
const attributesIn = ({ headers }: Request): Readonly<Record<string, string>> | undefined => {
  if (headers[`${cloudPrefix}specversion`] === undefined) return undefined;
  const own = Object.entries(headers).filter(([name]) => name.startsWith(cloudPrefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(cloudPrefix.length), unescaped(value)]));
};

const batchIn = (request: Request, maxBody: number) => {
  if (isLines(request)) {
    return readLines(request, maxBody).pipe(
      Effect.flatMap(eventsInLines),
      Effect.map((events): Omit<Batch, "onError"> => ({ events })),
    );
  }
  return Effect.map(readJson(request, maxBody, types), (body): Omit<Batch, "onError"> => {
    const attributes = attributesIn(request);
    if (attributes !== undefined) return { events: eventsIn({ ...attributes, data: body }), isCloud: true };
    return { events: eventsIn(body), isCloud: cloudType.test(request.headers["content-type"] ?? "") };
  });
};

export const layer = HttpApiBuilder.group(Api, "events", (handlers) =>
  Effect.gen(function* () {
    const { accept } = yield* Events;
    const { purchase } = yield* Purchase;
    const maxBody = yield* http.maxBody.config;
    return handlers
      .handleRaw("events", ({ request, urlParams: { on_error: onError = "refuse" } }) =>
        batchIn(request, maxBody).pipe(
          Effect.flatMap((batch) => Effect.catchTags(accept({ ...batch, onError }), problemOf)),
          Effect.map((accepted) => json(accepted, 202)),
        ),
      )
      .handleRaw("purchase", ({ request }) =>
        readJson(request, maxBody).pipe(
          Effect.flatMap((body) => Effect.catchTags(purchase(body), problemOf)),
          Effect.map((accepted) => json(accepted, 202)),
        ),
      );
  }),
);
