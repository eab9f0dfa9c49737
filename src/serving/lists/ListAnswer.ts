/** ListAnswer: what is answered to questions for lists of items that are about no shopper's taste. JSON as it stands. */
import { Schema } from "effect";
import { Answer, Recommendation } from "../recommend/Answer.ts";

const { caught_up, model, recommendation_id } = Answer.fields;

const shared = {
  user: Schema.NullOr(Schema.String).annotations({
    description:
      "The shop's own id of the user whose items were left out, or what was asked; null where none was named.",
  }),
  model,
  recommendation_id,
  recommendations: Schema.Array(Recommendation).annotations({
    description: "k items while k are eligible; by source, best first.",
  }),
  caught_up,
};

export const AroundAnswer = Schema.Struct({
  item: Schema.String.annotations({ description: "The shop's own id of the item that was found." }),
  ...shared,
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
