/** Console: /console/shop, /console/shoppers, /console/items, /console/simulation. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect, Either, ParseResult, Schema, Struct } from "effect";
import { fieldErrors } from "../../serving/EventInput.ts";
import { Items } from "../../serving/items/Items.ts";
import { Storefront } from "../../serving/storefront/Storefront.ts";
import { Api } from "../Api.ts";
import { SimulationInput } from "../api/Console.ts";
import { readJson } from "../Body.ts";
import { listed } from "../Params.ts";
import { InvalidRequest } from "../Problem.ts";
import { problemOf, problemOfDeed } from "../ProblemOf.ts";
import { json } from "../Responses.ts";
import { http } from "../Settings.ts";

const usualRate = 10;
const notNow = Struct.pick(problemOf, "NotNow");

const decodeSimulation = (body: unknown) =>
  Either.mapLeft(Schema.decodeUnknownEither(SimulationInput)(body), (error) => {
    const errors = fieldErrors(ParseResult.ArrayFormatter.formatErrorSync(error), body);
    return new InvalidRequest({ detail: errors.map(({ detail, field }) => `${field}: ${detail}`).join("; "), errors });
  });

export const layer = HttpApiBuilder.group(Api, "console", (handlers) =>
  Effect.map(
    Effect.all([Storefront, Items, http.maxBody.config]),
    ([{ shop, shoppers, simulate }, { findAll }, maxBody]) =>
      handlers
        .handle("consoleShop", () =>
          shop.pipe(
            Effect.catchTags(notNow),
            Effect.map((found) => json(found)),
          ),
        )
        .handle("consoleShoppers", ({ urlParams: { q } }) =>
          shoppers(q).pipe(
            Effect.catchTags(notNow),
            Effect.map((found) => json(found)),
          ),
        )
        .handle("consoleItems", ({ urlParams: { ids } }) =>
          findAll(listed(ids)).pipe(
            Effect.catchTags(notNow),
            Effect.map((items) => json({ items })),
          ),
        )
        .handleRaw("consoleSimulation", ({ request }) =>
          readJson(request, maxBody).pipe(
            Effect.flatMap(decodeSimulation),
            Effect.flatMap(({ on, per_second: perSecond = usualRate }) => simulate(on ? perSecond : undefined)),
            Effect.catchTags(Struct.pick(problemOfDeed, "Conflicting")),
            Effect.map((state) => json(state, 202)),
          ),
        ),
  ),
);
