/** CardSchema: all that is known of one item, as the API's document says it: counts, and nobody's name. */
import { Schema } from "effect";
import { Item } from "../items/ItemSchema.ts";

const Neighbour = Schema.Struct({
  item_id: Schema.String,
  name: Schema.String,
  score: Schema.Number.annotations({
    description:
      "As GET /items/{item_id}/similar and /bought-together have it: the cosine, or the share of all that followed.",
  }),
});

export const Bought = Schema.Struct({
  as_of: Schema.String.annotations({
    description:
      "ISO 8601, in UTC: the newest purchase that the batch or this item knows of. Days are counted back from it.",
  }),
  days: Schema.Int,
  shoppers: Schema.Int.annotations({ description: "Different ones who bought it in these days." }),
  purchases: Schema.Int.annotations({ description: "In these days." }),
  shoppers_ever: Schema.Int,
  purchases_ever: Schema.Int,
  last_at: Schema.NullOr(Schema.String).annotations({ description: "ISO 8601, in UTC; null: it was never bought." }),
}).annotations({ identifier: "Bought" });
export type Bought = typeof Bought.Type;

export const ItemCard = Schema.Struct({
  item_id: Schema.String,
  item_idx: Schema.Int,
  name: Schema.String,
  for_sale: Schema.Boolean.annotations({ description: "Whether it may be recommended now." }),
  item: Schema.NullOr(Item).annotations({
    description: "What the shop says of it; null where it never said anything, or took it away.",
  }),
  model: Schema.NullOr(Schema.String),
  is_new: Schema.Boolean.annotations({
    description: "Whether the model lacks it, or nobody had to do with it before.",
  }),
  share: Schema.NullOr(Schema.Number).annotations({
    description: "Its share of all that happens in the shop, the newest most; null while no model serves.",
  }),
  followers: Schema.Array(Neighbour).annotations({
    description: "What shoppers went on to after it, of what is for sale.",
  }),
  similar: Schema.Array(Neighbour).annotations({ description: "What lies near to it by taste, of what is for sale." }),
  bought: Schema.NullOr(Bought).annotations({
    description: "By the shop's tables and archived events; null in a process that has none.",
  }),
}).annotations({ identifier: "ItemCard" });
export type ItemCard = typeof ItemCard.Type;
