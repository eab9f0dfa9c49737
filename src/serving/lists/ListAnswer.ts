/** ListAnswer: what is answered to questions for lists of items that are about no shopper's taste. JSON as it stands. */
import { Schema } from "effect";
import { Answer, Recommendation } from "../recommend/Answer.ts";

const { caught_up, model, recommendation_id } = Answer.fields;

/** An item of a list about another one. */
export const AroundItem = Schema.Struct({
  ...Recommendation.fields,
  support: Schema.optional(Schema.Number).annotations({
    description:
      "Of followers alone: how often this item came after the one that was asked about, in all shoppers' histories and the stream since: 1 for each time that it came next, a fifth less for each interaction in between, up to 19. Not a number of shoppers: one who goes back and forth counts each time. `rotation` leaves it as it is.",
  }),
}).annotations({ identifier: "AroundItem" });
export type AroundItem = typeof AroundItem.Type;

const aboutItems = "k items while k are eligible; by source, best first.";

const shared = {
  user: Schema.NullOr(Schema.String).annotations({
    description:
      "The shop's own id of the user whose items were left out, or what was asked; null where none was named.",
  }),
  model,
  recommendation_id,
  recommendations: Schema.Array(Recommendation).annotations({ description: aboutItems }),
  caught_up,
};

export const AroundAnswer = Schema.Struct({
  item: Schema.String.annotations({ description: "The shop's own id of the item that was found." }),
  ...shared,
  recommendations: Schema.Array(AroundItem).annotations({ description: aboutItems }),
}).annotations({ identifier: "ItemAnswer" });
export type AroundAnswer = typeof AroundAnswer.Type;

export const TrendingAnswer = Schema.Struct({
  half_life_seconds: Schema.NullOr(Schema.Number).annotations({
    description:
      "By which what happened fades: what was asked for, or else the model's own. Null while no model serves: then all are the batch's best sellers.",
  }),
  model_half_life_seconds: Schema.NullOr(Schema.Number).annotations({
    description: "The model's own, which the batch took from the data.",
  }),
  ...shared,
}).annotations({ identifier: "TrendingAnswer" });
export type TrendingAnswer = typeof TrendingAnswer.Type;
