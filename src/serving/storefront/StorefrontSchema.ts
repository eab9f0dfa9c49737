/** StorefrontSchema: what the console's storefront is told of the shop. JSON as it stands. */
import { Schema } from "effect";
import { Role } from "../../domain/EventTypes.ts";
import { Item } from "../items/ItemSchema.ts";

export const Facet = Schema.Struct({
  name: Schema.String.annotations({ description: "An attribute whose values are texts." }),
  values: Schema.Array(Schema.Struct({ value: Schema.String, items: Schema.Int })).annotations({
    description: "Of the most items first, those that are not for sale among them.",
  }),
}).annotations({ identifier: "Facet" });
export type Facet = typeof Facet.Type;

export const ShopperFound = Schema.Struct({
  user: Schema.String.annotations({ description: "The shop's own id." }),
  purchases: Schema.Int.annotations({ description: "Of the items that they bought and did not give back." }),
  interactions: Schema.Int.annotations({ description: "How many are kept." }),
  groups: Schema.Array(Schema.String).annotations({
    description: "The product groups that they had most to do with, at most three.",
  }),
}).annotations({ identifier: "ShopperFound" });
export type ShopperFound = typeof ShopperFound.Type;

export const Simulation = Schema.Struct({
  state: Schema.Literal("off", "starting", "on", "failed"),
  per_second: Schema.Number.annotations({ description: "Events per second that it sends, or would." }),
  events: Schema.Int.annotations({ description: "Sent since this process began." }),
  detail: Schema.NullOr(Schema.String).annotations({ description: "Why it failed." }),
}).annotations({ identifier: "Simulation" });
export type Simulation = typeof Simulation.Type;

export const Shop = Schema.Struct({
  model: Schema.NullOr(Schema.String).annotations({ description: "Id of the model that serves; null: none yet." }),
  items: Schema.Int.annotations({ description: "Items that the catalogue knows." }),
  users: Schema.Int.annotations({ description: "Shoppers that the model was trained with." }),
  made_up: Schema.Boolean.annotations({
    description: "Whether `generate` made the data, so that one may act as anyone.",
  }),
  explains: Schema.Boolean.annotations({ description: "Whether scores come with their parts (LEARNER=blend)." }),
  event_types: Schema.Array(
    Schema.Struct({ name: Schema.String, weight: Schema.Number, role: Schema.NullOr(Role) }),
  ).annotations({ description: "Of events, by the model that serves." }),
  facets: Schema.Array(Facet).annotations({ description: "Attributes to filter by, with few different values." }),
  examples: Schema.Array(ShopperFound).annotations({ description: "Shoppers with a history, each of another kind." }),
  simulation: Schema.NullOr(Simulation).annotations({
    description: "Shoppers that are made up, too; null: this process has none, or the shop is a real one.",
  }),
}).annotations({ identifier: "Shop" });
export type Shop = typeof Shop.Type;

export const ShoppersFound = Schema.Struct({
  shoppers: Schema.Array(ShopperFound),
  looked_through: Schema.Int.annotations({
    description: "How many ids were looked through, beside the one that was asked for as it stands.",
  }),
}).annotations({ identifier: "ShoppersFound" });
export type ShoppersFound = typeof ShoppersFound.Type;

export const ItemsFound = Schema.Struct({ items: Schema.Array(Item) }).annotations({ identifier: "ItemsFound" });
