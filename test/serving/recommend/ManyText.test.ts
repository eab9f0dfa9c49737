import { Arbitrary, FastCheck as fc } from "effect";
import { describe, expect, it } from "vitest";
import { Answer } from "../../../src/serving/recommend/Answer.ts";
import { lineText, manyText, userFieldsText } from "../../../src/serving/recommend/ManyText.ts";

/** What is told of one, in the order in which it is. */
const told = ({ recommendation_id, recommendations, source, user }: Answer, isWorded: boolean) => ({
  user: user ?? "",
  source,
  recommendation_id,
  recommendations: recommendations.map(({ item_idx, metadata, reasons, score, source }) => ({
    item_id: metadata?.item_id ?? null,
    item_idx,
    score,
    source,
    ...(isWorded ? { metadata } : {}),
    ...(reasons === undefined ? {} : { reasons }),
  })),
});

describe("The text of answers to many", () => {
  it("is their JSON, with words and without", () => {
    fc.assert(
      fc.property(
        fc.array(Arbitrary.make(Answer), { maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        (all, words, after) => {
          const model = all[0]?.model ?? null;
          const caughtUp = after ? { caught_up: words } : {};
          const whole = { model, answers: all.map((one) => told(one, words)), ...caughtUp };
          const fields = all.map((one) => userFieldsText(one, words));
          expect(manyText(model, fields, caughtUp.caught_up)).toBe(JSON.stringify(whole));
          all.forEach((one, line) => {
            const { model } = one;
            expect(lineText(line, one, words)).toBe(JSON.stringify({ line, model, ...told(one, words) }));
          });
        },
      ),
    );
  });
});
