/** Items: GET, PUT, PATCH and DELETE /items/{item_id}, GET and POST /items. Answers are JSON as they stand. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect } from "effect";
import { Items } from "../../serving/items/Items.ts";
import { defaultLimit, Listing } from "../../serving/items/Listing.ts";
import { uploadItems } from "../../serving/items/Upload.ts";
import { Api } from "../Api.ts";
import { isLines, readJson } from "../Body.ts";
import { itemCalls } from "../ItemCalls.ts";
import { problemOfInput, problemOfUpload } from "../ProblemOf.ts";
import { json } from "../Responses.ts";
import { http } from "../Settings.ts";

export const layer = HttpApiBuilder.group(Api, "items", (handlers) =>
  Effect.gen(function* () {
    const items = yield* Items;
    const calls = yield* itemCalls;
    const { list } = yield* Listing;
    const maxBody = yield* http.maxBody.config;
    const upload = (request: Parameters<typeof isLines>[0]) =>
      uploadItems(request.stream, maxBody).pipe(Effect.provideService(Items, items), Effect.catchTags(problemOfUpload));
    return handlers
      .handle("listItems", ({ urlParams: { cursor = 0, filter, limit = defaultLimit, query } }) =>
        list({ query, filter, limit, from: cursor }).pipe(
          Effect.catchTags(problemOfInput),
          Effect.map((page) => json(page)),
        ),
      )
      .handleRaw("putItems", ({ request }) =>
        isLines(request)
          ? Effect.map(upload(request), (taken) => json(taken))
          : readJson(request, maxBody, "application/json, or application/x-ndjson").pipe(
              Effect.flatMap((body) => Effect.catchTags(items.putAll(body), problemOfInput)),
              Effect.map((taken) => json(taken)),
            ),
      )
      .handle("findItem", ({ path }) => calls.GET(path.item_id))
      .handleRaw("putItem", ({ path, request }) => calls.PUT(path.item_id, request))
      .handleRaw("patchItem", ({ path, request }) => calls.PATCH(path.item_id, request))
      .handleRaw("removeItem", ({ path }) => calls.DELETE(path.item_id));
  }),
);
