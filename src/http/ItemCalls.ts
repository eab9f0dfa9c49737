/** ItemCalls: what is asked and said of one item, by method, on whichever way a request came. Answers are JSON as they stand. */
import { type HttpServerRequest, HttpServerResponse } from "@effect/platform";
import { Effect } from "effect";
import { Items } from "../serving/items/Items.ts";
import { readJson } from "./Body.ts";
import { problemOf, problemOfInput, problemOfName } from "./ProblemOf.ts";
import { json } from "./Responses.ts";
import { http } from "./Settings.ts";

type Request = HttpServerRequest.HttpServerRequest;

/** Ids as they were decoded from the path. */
export const itemCalls = Effect.gen(function* () {
  const items = yield* Items;
  const maxBody = yield* http.maxBody.config;
  return {
    GET: (itemId: string) =>
      items.find(itemId).pipe(
        Effect.catchTags(problemOfName),
        Effect.map((item) => json(item)),
      ),
    PUT: (itemId: string, request: Request) =>
      readJson(request, maxBody).pipe(
        Effect.flatMap((body) => Effect.catchTags(items.put(itemId, body), problemOfInput)),
        Effect.map(({ isNew, item }) => json(item, isNew ? 201 : 200)),
      ),
    PATCH: (itemId: string, request: Request) =>
      readJson(request, maxBody).pipe(
        Effect.flatMap((body) => Effect.catchTags(items.patch(itemId, body), problemOf)),
        Effect.map((item) => json(item)),
      ),
    DELETE: (itemId: string) =>
      items.remove(itemId).pipe(Effect.catchTags(problemOfName), Effect.as(HttpServerResponse.empty({ status: 204 }))),
  };
});
