/** ManyAnswer: what is answered to each of many users: what GET /recommend/{user_id} says, with words or without. */
import { Schema } from "effect";
import { longestRecommendationId } from "../../domain/RecommendationId.ts";
import { FieldError } from "../FieldError.ts";
import { Answer, Metadata, Reasons, Recommendation } from "./Answer.ts";

const { item_idx, score, source } = Recommendation.fields;

export const ManyRecommendation = Schema.Struct({
  item_id: Schema.NullOr(Schema.String).annotations({
    description:
      "The shop's own id of the item; null only while no model serves and of what the catalogue has no word.",
  }),
  item_idx,
  score,
  source,
  metadata: Schema.optional(Schema.NullOr(Metadata)).annotations({ description: "Absent with metadata=false." }),
  reasons: Schema.optional(Reasons).annotations({
    description: "With `explain`, of personalized and new ones, where LEARNER=blend: others have no parts.",
  }),
}).annotations({ identifier: "ManyRecommendation" });

const { model } = Answer.fields;

const fields = {
  user: Schema.String.annotations({ description: "The shop's own id of the user that was found, or what was asked." }),
  source: Answer.fields.source,
  recommendation_id: Schema.String.pipe(Schema.maxLength(longestRecommendationId)).annotations({
    description: "Of this user's list: send it with the events that come of it.",
  }),
  recommendations: Schema.Array(ManyRecommendation).annotations({
    description: "As GET /recommend/{user_id} gives them, in that order.",
  }),
};

export const UserAnswer = Schema.Struct(fields).annotations({ identifier: "UserAnswer" });
export type UserAnswer = typeof UserAnswer.Type;

export const ManyAnswer = Schema.Struct({
  model: model.annotations({ description: "Id of the model that answers all." }),
  answers: Schema.Array(UserAnswer).annotations({ description: "One for each user, in their order." }),
  caught_up: Answer.fields.caught_up,
}).annotations({ identifier: "ManyAnswer" });

/** One line of the answer to lines. */
export const AnswerLine = Schema.Union(
  Schema.Struct({ line: Schema.Int, model, ...fields }),
  Schema.Struct({ line: Schema.Int, errors: Schema.Array(FieldError) }),
).annotations({
  identifier: "AnswerLine",
  description: "Of the line of that number, from 1: its answer, or what is wrong with it.",
});
export type AnswerLine = typeof AnswerLine.Type;
