import { Arbitrary, FastCheck as fc } from "effect";
import { describe, expect, it } from "vitest";
import { Answer } from "../../../src/serving/recommend/Answer.ts";
import { answerText } from "../../../src/serving/recommend/AnswerText.ts";
import { makeWorded } from "../../../src/serving/Worded.ts";

const words = fc.record({
  item_id: fc.string({ unit: "grapheme" }),
  article_id: fc.string(),
  prod_name: fc.string({ unit: "binary" }),
  product_type_name: fc.string(),
  product_group_name: fc.string(),
  graphical_appearance_name: fc.string(),
  index_group_name: fc.string(),
});

describe("An answer's text", () => {
  it("is its JSON, with words that are kept and words that are not", () => {
    fc.assert(
      fc.property(Arbitrary.make(Answer), words, (answer, kept) => {
        const worded = makeWorded(() => kept).of(0);
        const mixed = answer.recommendations.map((one, place) =>
          place % 2 === 0 ? one : { ...one, metadata: worded },
        );
        const given = { ...answer, recommendations: mixed };
        expect(answerText(given)).toBe(JSON.stringify(given));
      }),
    );
  });
});
