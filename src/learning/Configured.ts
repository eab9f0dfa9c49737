/** Configured: the learner that the settings name, for one model's items. */
import { Effect } from "effect";
import { values } from "../config/Setting.ts";
import type { ModelParameters } from "../domain/Model.ts";
import { makeBlend } from "./Blend.ts";
import { makeEma } from "./Ema.ts";
import { makeFoldIn } from "./FoldIn.ts";
import type { ItemFactors, Learner } from "./Learner.ts";
import { learning } from "./Settings.ts";

/** What is to be read once, before models come and go. */
export const configuredLearner = Effect.map(
  values(learning),
  ({ decay, learner, rate }) =>
    (items: ItemFactors, { alpha, regularization }: Pick<ModelParameters, "alpha" | "regularization">): Learner => {
      switch (learner) {
        case "ema":
          return makeEma(items, { rate });
        case "fold-in":
          return makeFoldIn(items, { decay, regularization, alpha });
        case "blend":
          return makeBlend(items);
      }
    },
);
