/** Insights: GET /map, GET /map/columns, GET /items/{item_id}/card. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect } from "effect";
import { ItemCards } from "../../serving/insights/ItemCard.ts";
import { ItemMap } from "../../serving/insights/ItemMap.ts";
import { Api } from "../Api.ts";
import { packedAnswer } from "../Packed.ts";
import { problemOf, problemOfInput } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

export const layer = HttpApiBuilder.group(Api, "insights", (handlers) =>
  Effect.map(Effect.all([ItemMap, ItemCards]), ([{ colours, points }, { card }]) =>
    handlers
      .handle("itemMap", ({ request, urlParams: { attribute } }) =>
        (attribute === undefined ? points("json") : colours(attribute, "json")).pipe(
          Effect.catchTags(problemOfInput),
          Effect.flatMap((body) => packedAnswer(body, request.headers["accept-encoding"])),
        ),
      )
      .handle("itemMapColumns", ({ request, urlParams: { attribute } }) =>
        (attribute === undefined ? points("bytes") : colours(attribute, "bytes")).pipe(
          Effect.catchTags(problemOfInput),
          Effect.flatMap((body) => packedAnswer(body, request.headers["accept-encoding"], "application/octet-stream")),
        ),
      )
      .handle("itemCard", ({ path }) =>
        card(path.item_id).pipe(
          Effect.catchTags(problemOf),
          Effect.map((found) => json(found)),
        ),
      ),
  ),
);
