/**
 * Configured: how a model's shoppers are learnt from and ranked for: as the settings say, and where they say nothing as the
 * model was made. So roles that are given nothing agree, on every host and after a roll-back.
 */
import { Effect } from "effect";
import type { Model } from "../domain/Model.ts";
import { type Blend, type BlendConstants, blendConstants, makeBlend } from "./Blend.ts";
import { type BlendItems, type BlendScorer, makeBlendScorer } from "./BlendScore.ts";
import { makeEma } from "./Ema.ts";
import { makeFoldIn } from "./FoldIn.ts";
import { givenLearning } from "./Given.ts";
import type { Learner } from "./Learner.ts";

/** What is asked of a model; one of before has no half-life, and neither followers nor popularity. */
type Trained = Pick<Model, "id" | "parameters" | "halfLifeSeconds" | "learning">;

export interface Learnt {
  readonly learner: Learner;
  /** Ranks by all that a shopper did last; undefined: they are ranked for by their vector alone. */
  readonly blend: (BlendScorer & Pick<Blend, "tasteOf"> & { readonly constants: BlendConstants }) | undefined;
}

/**
 * What is to be read once, before models come and go. Warns where what is given is not what the model was made by. Without
 * followers there is no blend: the moving average stands in for it.
 */
export const configuredLearner = Effect.map(givenLearning, ({ against, over }) =>
  Effect.fnUntraced(function* (items: BlendItems, model: Trained) {
    const others = model.learning === undefined ? [] : against(model.learning);
    if (others.length > 0) {
      yield* Effect.logWarning(
        `${others.join(", ")}: what is given wins over what model ${model.id} was made by; give it to every role, or to none`,
      );
    }
    const { blend, decay, learner, rate } = over(model.learning);
    if (learner === "fold-in") {
      const { alpha, regularization } = model.parameters;
      return { learner: makeFoldIn(items, { decay, regularization, alpha }), blend: undefined } satisfies Learnt;
    }
    if (learner === "ema" || model.halfLifeSeconds === undefined) {
      return { learner: makeEma(items, { rate }), blend: undefined } satisfies Learnt;
    }
    const constants = { ...blendConstants, ...blend };
    const own = makeBlend(items, constants);
    const scorer = { ...makeBlendScorer(items, constants), tasteOf: own.tasteOf, constants };
    return { learner: own, blend: scorer } satisfies Learnt;
  }),
);
