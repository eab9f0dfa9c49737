/** Console: /console/shop, /console/shoppers, /console/items, /console/simulation. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect, Struct } from "effect";
import { Items } from "../../serving/items/Items.ts";
import { Storefront } from "../../serving/storefront/Storefront.ts";
import { Api } from "../Api.ts";
import { problemOf, problemOfDeed } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

const usualRate = 10;
const notNow = Struct.pick(problemOf, "NotNow");

export const layer = HttpApiBuilder.group(Api, "console", (handlers) =>
  Effect.map(Effect.all([Storefront, Items]), ([{ shop, shoppers, simulate }, { findAll }]) =>
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
        findAll(ids.split(",")).pipe(
          Effect.catchTags(notNow),
          Effect.map((items) => json({ items })),
        ),
      )
      .handle("consoleSimulation", ({ payload: { on, per_second: perSecond = usualRate } }) =>
        simulate(on ? perSecond : undefined).pipe(
          Effect.catchTags(Struct.pick(problemOfDeed, "Conflicting")),
          Effect.map((state) => json(state, 202)),
        ),
      ),
  ),
);
