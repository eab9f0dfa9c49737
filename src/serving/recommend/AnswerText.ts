/** AnswerText: an answer as JSON, of pieces of which the longest, what is said of its items, are made already. */
import { wordsText } from "../Worded.ts";
import type { Answer, Recommendation } from "./Answer.ts";

const textOfOne = ({ item_idx, metadata, reasons, score, source }: Recommendation): string =>
  `{"item_idx":${item_idx},"score":${JSON.stringify(score)},"source":"${source}","metadata":${metadata === null ? "null" : wordsText(metadata)}${reasons === undefined ? "" : `,"reasons":${JSON.stringify(reasons)}`}}`;

/** What `JSON.stringify` makes of it. */
export const answerText = (answer: Answer): string => {
  const { caught_up, model, next_page, recommendation_id, recommendations, source, user } = answer;
  let items = "";
  for (const one of recommendations) items += items === "" ? textOfOne(one) : `,${textOfOne(one)}`;
  return `{"user":${JSON.stringify(user)},"source":"${source}","model":${JSON.stringify(model)},"recommendation_id":${JSON.stringify(recommendation_id)},"recommendations":[${items}],"next_page":${JSON.stringify(next_page)}${caught_up === undefined ? "" : `,"caught_up":${caught_up}`}}`;
};
