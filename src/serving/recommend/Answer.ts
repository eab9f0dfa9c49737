/** Answer: what GET /recommend/{user_id} says. Every member is JSON as it stands. */
import { Schema } from "effect";
import type { Catalogue } from "../../ports/ItemIndex.ts";
import type { Candidate } from "./Candidate.ts";

export const Metadata = Schema.Struct({
  article_id: Schema.String,
  prod_name: Schema.String,
  product_type_name: Schema.String,
  product_group_name: Schema.String,
  graphical_appearance_name: Schema.String,
  index_group_name: Schema.String,
}).annotations({ identifier: "ItemMetadata", description: "As the shop wrote it; empty where the shop gave none." });

export const Recommendation = Schema.Struct({
  item_idx: Schema.Int.annotations({ description: "The item's internal index, the same in all models." }),
  score: Schema.Number.annotations({
    description:
      "Personalized: inner product of user and item vectors. Trending: faded count of buyers. Catalogue: buyers of all time.",
  }),
  source: Schema.Literal("personalized", "trending", "catalogue").annotations({
    description:
      "Where it came from: the user's taste, what sells now, or all items by their buyers. Each fills up what the one before leaves.",
  }),
  metadata: Schema.NullOr(Metadata).annotations({ description: "Null only while no model serves." }),
}).annotations({ identifier: "Recommendation" });
export type Recommendation = typeof Recommendation.Type;

export const Answer = Schema.Struct({
  user: Schema.String.annotations({ description: "The shop's own id of the user that was found, or what was asked." }),
  source: Schema.Literal("personalized", "trending_now").annotations({
    description:
      "personalized: at least one item is. trending_now: none, for the user has no vector, nothing fits it, or a store fails.",
  }),
  model: Schema.NullOr(Schema.String).annotations({ description: "Id of the model that answers." }),
  recommendations: Schema.Array(Recommendation).annotations({
    description: "k items while k are eligible; by source, best first.",
  }),
  caught_up: Schema.optional(
    Schema.Boolean.annotations({ description: "With `after` only: whether the answer knows of all those events." }),
  ),
}).annotations({ identifier: "Answer" });
export type Answer = typeof Answer.Type;

/** `catalogue` is that of the model by which the candidate was found; none has no names to give. */
export const recommendationOf = (
  { itemIdx, row, score, source }: Candidate,
  catalogue: Catalogue | undefined,
): Recommendation => ({
  item_idx: itemIdx,
  score,
  source,
  metadata: catalogue === undefined || row === undefined ? null : catalogue.metadata[row],
});
