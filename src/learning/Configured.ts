/**
 * Configured: how a model's shoppers are learnt from and ranked for: as the settings say, and where they say nothing as the
 * model was made; but by no other types of events than the model's. So roles that are given nothing agree, on every host and after a roll-back.
 */
import { Config, Effect, Option } from "effect";
import { type EventTypes, eventTypesText, sameEventTypes } from "../domain/EventTypes.ts";
import { type Model, trainedTypes } from "../domain/Model.ts";
import { type Blend, type BlendConstants, blendConstants, makeBlend } from "./Blend.ts";
import { makeBlendScorer } from "./BlendScore.ts";
import type { BlendItems, BlendScorer } from "./BlendSearch.ts";
import { makeEma } from "./Ema.ts";
import { makeFoldIn } from "./FoldIn.ts";
import { givenLearning } from "./Given.ts";
import type { Learner } from "./Learner.ts";
import { learning } from "./Settings.ts";

/** What is asked of a model; one of before has no half-life, and neither followers nor popularity. */
type Trained = Pick<Model, "id" | "parameters" | "halfLifeSeconds" | "learning"> & Partial<Pick<Model, "snapshot">>;

export interface Learnt {
  /** The model's, whatever is set: their codes stand in what is stored of its shoppers. */
  readonly types: EventTypes;
  readonly learner: Learner;
  /** Ranks by all that a shopper did last; undefined: they are ranked for by their vector alone. */
  readonly blend: (BlendScorer & Pick<Blend, "tasteOf"> & { readonly constants: BlendConstants }) | undefined;
}

/**
 * What is to be read once, before models come and go. Warns where what is given is not what the model was made by. Without
 * followers there is no blend: the moving average stands in for it.
 */
export const configuredLearner = Effect.map(Config.all([givenLearning, learning.eventTypes.given]), ([given, set]) => {
  const { against, over } = given;
  return Effect.fnUntraced(function* (items: BlendItems, model: Trained) {
    const others = model.learning === undefined ? [] : against(model.learning);
    if (others.length > 0) {
      yield* Effect.logWarning(
        `${others.join(", ")}: what is given wins over what model ${model.id} was made by; give it to every role, or to none`,
      );
    }
    const types = trainedTypes(model.snapshot ?? {});
    if (Option.isSome(set) && !sameEventTypes(types, set.value)) {
      yield* Effect.logWarning(
        `${learning.eventTypes.env} is ${eventTypesText(set.value.list)}, but model ${model.id} was made by ${eventTypesText(types.list)}: ` +
          "it goes by its own until a batch has made a model by what is set",
      );
    }
    const { blend, decay, learner: name, rate } = over(model.learning);
    if (name === "fold-in") {
      const { alpha, regularization } = model.parameters;
      return {
        learner: makeFoldIn(items, { decay, regularization, alpha, weights: types.weights }),
        blend: undefined,
        types,
      } satisfies Learnt;
    }
    if (name === "ema" || model.halfLifeSeconds === undefined) {
      return { learner: makeEma(items, { rate }), blend: undefined, types } satisfies Learnt;
    }
    const constants = { ...blendConstants, ...blend, weights: types.weights };
    const own = makeBlend(items, constants);
    const scorer = { ...makeBlendScorer(items, constants), tasteOf: own.tasteOf, constants };
    return { learner: own, blend: scorer, types } satisfies Learnt;
  });
});
