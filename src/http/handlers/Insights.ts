/** Insights: GET /map, GET /items/{item_id}/card. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect } from "effect";
import { ItemCards } from "../../serving/insights/ItemCard.ts";
import { ItemMap } from "../../serving/insights/ItemMap.ts";
import { Api } from "../Api.ts";
import { packedJson } from "../Packed.ts";
import { problemOf, problemOfInput } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

export const layer = HttpApiBuilder.group(Api, "insights", (handlers) =>
  Effect.map(Effect.all([ItemMap, ItemCards]), ([{ colours, points }, { card }]) =>
    handlers
      .handle("itemMap", ({ request, urlParams: { attribute } }) =>
        (attribute === undefined ? points : colours(attribute)).pipe(
          Effect.catchTags(problemOfInput),
          Effect.flatMap((body) => packedJson(body, request.headers["accept-encoding"])),
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
