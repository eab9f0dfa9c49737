/** PastSchema: what is answered to questions for what a user did. JSON as it stands. */
import { Schema } from "effect";
import { followerWindow } from "../../domain/Followers.ts";
import { keptInteractions, keptPurchases } from "../../domain/UserState.ts";
import { Metadata } from "../recommend/Answer.ts";

const kept = `the newest ${keptPurchases} purchases and the newest ${keptInteractions} interactions of any type are kept, none older than a year before the last but the newest ${followerWindow}`;

const Time = Schema.Number.annotations({ description: "Unix seconds." });

const user = Schema.String.annotations({ description: "The shop's own id of the user that was found." });
const model = Schema.String.annotations({ description: "Id of the model that knows so much of the user." });

export const Deed = Schema.Struct({
  item_idx: Schema.Int.annotations({ description: "The item's internal index, the same in all models." }),
  event_type: Schema.String.annotations({ description: "Its type, by the name that the model has for it." }),
  timestamp: Time,
  metadata: Schema.NullOr(Metadata).annotations({
    description: "As the shop words the item now; null: nothing is known of it.",
  }),
}).annotations({ identifier: "Deed" });
export type Deed = typeof Deed.Type;

const Share = Schema.Struct({
  name: Schema.NullOr(Schema.String).annotations({ description: "Null: of items for which the shop gives none." }),
  purchases: Schema.Int,
  percentage: Schema.Number.annotations({
    description: "Of the kept purchases, rounded to tenths so that those of all names add up to 100.",
  }),
}).annotations({ identifier: "CategoryShare" });
export type Share = typeof Share.Type;

export const Profile = Schema.Struct({
  user,
  model,
  total_purchases: Schema.Int.annotations({
    description: `How many purchases are kept, and not given back: ${kept}.`,
  }),
  items_bought: Schema.Int.annotations({ description: "How many items they ever bought and did not give back." }),
  first_purchase: Schema.NullOr(Time).annotations({ description: "Unix seconds, of those that are kept; null: none." }),
  last_purchase: Schema.NullOr(Time).annotations({ description: "Unix seconds; null: none." }),
  recent_purchases: Schema.Array(Deed).annotations({ description: "Newest first." }),
  top_product_groups: Schema.Array(Share).annotations({
    description: "Of the kept purchases, the most frequent first.",
  }),
  top_product_types: Schema.Array(Share).annotations({ description: "Likewise." }),
}).annotations({ identifier: "Profile" });
export type Profile = typeof Profile.Type;

export const History = Schema.Struct({
  user,
  model,
  total: Schema.Int.annotations({ description: `How many interactions are kept: ${kept}.` }),
  history: Schema.Array(Deed).annotations({ description: "Newest first." }),
}).annotations({ identifier: "History" });
export type History = typeof History.Type;
