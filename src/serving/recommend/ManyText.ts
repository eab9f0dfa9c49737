/** ManyText: what is told to many users as JSON, of pieces of which the longest, what is said of items, are made already. */
import { idText, wordsText } from "../Worded.ts";
import type { Answer, Recommendation } from "./Answer.ts";

const textOfOne = ({ item_idx, metadata, reasons, score, source }: Recommendation, isWorded: boolean): string =>
  `{"item_id":${metadata === null ? "null" : idText(metadata)},"item_idx":${item_idx},"score":${JSON.stringify(score)},"source":"${source}"${
    isWorded ? `,"metadata":${metadata === null ? "null" : wordsText(metadata)}` : ""
  }${reasons === undefined ? "" : `,"reasons":${JSON.stringify(reasons)}`}}`;

/** What `JSON.stringify` makes of a `UserAnswer`, but for its braces. */
export const userFieldsText = (answer: Answer, isWorded: boolean): string => {
  const { recommendation_id, recommendations, source, user } = answer;
  let items = "";
  for (const one of recommendations) items += items === "" ? textOfOne(one, isWorded) : `,${textOfOne(one, isWorded)}`;
  return `"user":${JSON.stringify(user ?? "")},"source":"${source}","recommendation_id":${JSON.stringify(recommendation_id)},"recommendations":[${items}]`;
};

/** Of the answer to a line of that number. */
export const lineText = (line: number, answer: Answer, isWorded: boolean): string =>
  `{"line":${line},"model":${JSON.stringify(answer.model)},${userFieldsText(answer, isWorded)}}`;

/** Of a `ManyAnswer`, by what was told of each user. */
export const manyText = (model: string | null, fields: ReadonlyArray<string>, caughtUp: boolean | undefined): string =>
  `{"model":${JSON.stringify(model)},"answers":[${fields.map((text) => `{${text}}`).join(",")}]${
    caughtUp === undefined ? "" : `,"caught_up":${caughtUp}`
  }}`;
