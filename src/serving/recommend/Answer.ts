/** Answer: what GET /recommend/{user_id} says. Every member is JSON as it stands. */
import { Schema } from "effect";
import { longestRecommendationId, sources } from "../../domain/RecommendationId.ts";
import type { BlendReasons } from "../../learning/BlendReasons.ts";
import type { ServedMetadata } from "../Metadata.ts";
import type { ServingItems } from "../ServingItems.ts";
import type { Candidate } from "./Candidate.ts";
import { mostPaged } from "./Page.ts";

export const Metadata = Schema.Struct({
  item_id: Schema.String,
  article_id: Schema.String,
  prod_name: Schema.String,
  product_type_name: Schema.String,
  product_group_name: Schema.String,
  graphical_appearance_name: Schema.String,
  index_group_name: Schema.String,
}).annotations({
  identifier: "ItemMetadata",
  description: "As the shop wrote it last; empty where the shop gave none. item_id and article_id are the same.",
});

export const Reasons = Schema.Struct({
  because: Schema.Array(
    Schema.Struct({
      article_id: Schema.String,
      followers: Schema.Number.annotations({ description: "Because this item often follows that one." }),
      taste: Schema.Number.annotations({ description: "Because this item is like that one." }),
    }),
  ).annotations({ description: "One per item of the shopper's last interactions, newest first." }),
  trending: Schema.Number.annotations({ description: "Because it is popular." }),
  shown: Schema.optional(Schema.Number).annotations({
    description: "Below 0, with `rotation`: because it was shown and nothing was done to it since.",
  }),
}).annotations({ identifier: "Reasons", description: "Parts of a score, which add up to it." });

export const Recommendation = Schema.Struct({
  item_idx: Schema.Int.annotations({ description: "The item's internal index, the same in all models." }),
  score: Schema.Number.annotations({
    description:
      "Personalized: inner product of user and item vectors or, with LEARNER=blend, a sum of reasons. Trending: the item's share of all that happens in the shop, the newest most. Catalogue: the same as the batch saw it. Of a model of before: faded count of buyers, and its share of all buyers. Similar: the cosine to the item that was asked about. Followers: of all that followed that item, the share of this one. With `rotation`, what is left of that of an item that was shown.",
  }),
  source: Schema.Literal(...sources).annotations({
    description:
      "Where it came from: the user's taste, what is popular now, or all items by the batch's popularity. Each fills up what the one before leaves. new: nobody has had to do with it; it is near to the user's taste by its attributes, and tried in a place drawn by the seed (EXPLORE_SHARE). similar, followers: near to the item that was asked about, or what shoppers went on to after it.",
  }),
  metadata: Schema.NullOr(Metadata).annotations({
    description: "Null only while no model serves and of what the catalogue has no word.",
  }),
  reasons: Schema.optional(Reasons).annotations({
    description: "With `explain`, of personalized and new ones, where LEARNER=blend: others have no parts.",
  }),
}).annotations({ identifier: "Recommendation" });
export type Recommendation = typeof Recommendation.Type;

export const Answer = Schema.Struct({
  user: Schema.NullOr(Schema.String).annotations({
    description: "The shop's own id of the user that was found, or what was asked; null for a visitor without one.",
  }),
  source: Schema.Literal("personalized", "trending_now").annotations({
    description:
      "personalized: at least one item is. trending_now: none, for the user has no vector, nothing fits it, or a store fails.",
  }),
  model: Schema.NullOr(Schema.String).annotations({ description: "Id of the model that answers." }),
  recommendation_id: Schema.String.pipe(Schema.maxLength(longestRecommendationId)).annotations({
    description:
      "Another one each time. Send it with the events that come of this answer, also of what was shown: so it is told what recommendations sell (`evaluate --live`).",
  }),
  recommendations: Schema.Array(Recommendation).annotations({
    description:
      "k items while k are eligible, of which each scores at least min_score; by source, best first; new ones in between.",
  }),
  next_page: Schema.NullOr(Schema.String).annotations({
    description: `What to send as \`page\` for the items behind these; null where nothing is left, or ${mostPaged} were given.`,
  }),
  caught_up: Schema.optional(
    Schema.Boolean.annotations({ description: "With `after` only: whether the answer knows of all those events." }),
  ),
}).annotations({ identifier: "Answer" });
export type Answer = typeof Answer.Type;

/** `metadata`: undefined where nothing is known of the item. */
export const recommendationOf = (
  { itemIdx, score, source }: Candidate,
  metadata: ServedMetadata | undefined,
): Recommendation => ({ item_idx: itemIdx, score, source, metadata: metadata ?? null });

export const reasonsOf = (
  { because, trending }: BlendReasons,
  { idOf }: Pick<ServingItems, "idOf">,
  { isSunk = false, score }: Candidate,
): typeof Reasons.Type => {
  /** Of the parts that the score was before it sank. */
  const before = () => because.reduce((sum, { followers, taste }) => sum + followers + taste, trending);
  return {
    because: because.map(({ followers, itemIdx, taste }) => ({ article_id: idOf(itemIdx) ?? "", followers, taste })),
    trending,
    ...(isSunk ? { shown: score - before() } : {}),
  };
};
