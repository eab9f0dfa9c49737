/** Console: what the console's pages ask beside the shop's own questions. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { ItemsFound, Shop, ShoppersFound, Simulation } from "../../serving/storefront/StorefrontSchema.ts";
import { list, listed } from "../Params.ts";
import {
  BodyTooLarge,
  Conflict,
  ForeignOrigin,
  MisdirectedRequest,
  Unavailable,
  UnsupportedMediaType,
} from "../Problem.ts";
import { needs } from "./Needs.ts";

const shop = HttpApiEndpoint.get("consoleShop", "/console/shop")
  .annotateContext(needs("admin"))
  .addSuccess(Shop)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "What shop this is, and whom one may be in it");

const longest = 256;
const says = (wanted: string) => ({ message: () => ({ message: `send ${wanted}`, override: true }) });

export const ShoppersParams = Schema.Struct({
  q: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(longest)).annotations({
    ...says(`the beginning of a shopper's id, at most ${longest} characters`),
    description: "The beginning of a shopper's id, or all of it.",
  }),
}).annotations({ parseOptions: { errors: "all" } });

const shoppers = HttpApiEndpoint.get("consoleShoppers", "/console/shoppers")
  .annotateContext(needs("admin"))
  .setUrlParams(ShoppersParams)
  .addSuccess(ShoppersFound)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Shoppers by the beginning of their ids")
  .annotate(
    OpenApi.Description,
    "The one who is called so, of all shoppers, if anything is known of them; then others whose ids begin so, among as many as `looked_through` says of those that the model was loaded with, spread over all of them.",
  );

export const mostItems = 200;
const isAskable = (values: ReadonlyArray<string>): boolean => {
  const { length } = listed(values);
  return length >= 1 && length <= mostItems && values.length <= mostItems;
};
export const ConsoleItemsParams = Schema.Struct({
  ids: list(`Ids of items, at most ${mostItems}.`).pipe(
    Schema.filter(isAskable, {
      ...says(`1 to ${mostItems} ids of items: one list with commas between them, or the parameter once for each`),
      jsonSchema: { minItems: 1, maxItems: mostItems },
    }),
  ),
}).annotations({ parseOptions: { errors: "all" } });

const items = HttpApiEndpoint.get("consoleItems", "/console/items")
  .annotateContext(needs("admin"))
  .setUrlParams(ConsoleItemsParams)
  .addSuccess(ItemsFound)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Items by their ids: those of them that there are");

export const SimulationInput = Schema.Struct({
  on: Schema.Boolean,
  per_second: Schema.optionalWith(Schema.Number.pipe(Schema.between(0.1, 200)), { exact: true }).annotations({
    description: "Events per second; by default 10.",
  }),
}).annotations({
  identifier: "SimulationInput",
  parseOptions: { errors: "all" },
  examples: [{ on: true, per_second: 20 }],
});

const simulate = HttpApiEndpoint.post("consoleSimulation", "/console/simulation")
  .annotateContext(needs("admin"))
  .setPayload(SimulationInput)
  .addSuccess(Simulation.annotations(HttpApiSchema.annotations({ status: 202 })))
  .addError(ForeignOrigin)
  .addError(Conflict)
  .addError(BodyTooLarge)
  .addError(UnsupportedMediaType)
  .addError(MisdirectedRequest)
  .annotate(OpenApi.Summary, "Switch made-up shoppers on or off")
  .annotate(
    OpenApi.Description,
    "They act on their taste, as those of `producer` do, and their events are events like any other. Only in `all-in-one`, and only where `generate` made the shop's data: else the answer is 409.",
  );

export const console = HttpApiGroup.make("console", { topLevel: true })
  .add(shop)
  .add(shoppers)
  .add(items)
  .add(simulate)
  .annotate(OpenApi.Description, "What the console's pages ask beside the shop's own questions.");
