/** Configured: how the settings would have a model's shoppers learnt from and ranked for. */
import { Effect } from "effect";
import { values } from "../config/Setting.ts";
import type { Model } from "../domain/Model.ts";
import { type Blend, blendConstants, makeBlend } from "./Blend.ts";
import { type BlendItems, type BlendScorer, makeBlendScorer } from "./BlendScore.ts";
import { makeEma } from "./Ema.ts";
import { makeFoldIn } from "./FoldIn.ts";
import type { Learner } from "./Learner.ts";
import { learning } from "./Settings.ts";

/** What is asked of a model; one of before has no half-life, and neither followers nor popularity. */
type Trained = Pick<Model, "parameters" | "halfLifeSeconds">;

export interface Learnt {
  readonly learner: Learner;
  /** Ranks by all that a shopper did last; undefined: they are ranked for by their vector alone. */
  readonly blend: (BlendScorer & Pick<Blend, "tasteOf">) | undefined;
}

/** What is to be read once, before models come and go. Without followers there is no blend: the moving average stands in for it. */
export const configuredLearner = Effect.map(
  values(learning),
  ({ blendDecay, blendPopularity, blendTaste, decay, learner, rate }) => {
    const changes = { decay: blendDecay, taste: blendTaste, popularity: blendPopularity };
    return (items: BlendItems, { halfLifeSeconds, parameters }: Trained): Learnt => {
      if (learner === "fold-in") {
        const { alpha, regularization } = parameters;
        return { learner: makeFoldIn(items, { decay, regularization, alpha }), blend: undefined };
      }
      if (learner === "ema" || halfLifeSeconds === undefined) {
        return { learner: makeEma(items, { rate }), blend: undefined };
      }
      const constants = { ...blendConstants, ...changes };
      const blend = makeBlend(items, constants);
      return { learner: blend, blend: { ...makeBlendScorer(items, constants), tasteOf: blend.tasteOf } };
    };
  },
);
