/** Defaults: what the batch goes by where nothing is tuned, and what of it was given. */
import { Config } from "effect";
import type { Recipe } from "../domain/Model.ts";
import { learning } from "../learning/Settings.ts";
import { choiceWith } from "../training/Choice.ts";
import { training } from "../training/Settings.ts";
import type { Given } from "./Space.ts";

/** Names as in the environment; passes and seed are never searched. */
export const defaultsGiven: Config.Config<{ readonly defaults: Recipe; readonly given: Given }> = Config.map(
  choiceWith(undefined),
  ({ learning: learnt, metric, parameters, reasons }) => {
    const given = <A>({ env }: { readonly env: string }, name: string, value: A): { readonly [name: string]: A } =>
      reasons[env] === "given" ? { [name]: value } : {};
    const blend = {
      ...given(learning.blendDecay, "decay", learnt.blend.decay),
      ...given(learning.blendTaste, "taste", learnt.blend.taste),
      ...given(learning.blendPopularity, "popularity", learnt.blend.popularity),
    };
    return {
      defaults: { parameters, learning: learnt, metric },
      given: {
        parameters: {
          ...given(training.rank, "rank", parameters.rank),
          ...given(training.alpha, "alpha", parameters.alpha),
          ...given(training.regularization, "regularization", parameters.regularization),
          ...given(training.regularizationExponent, "regularizationExponent", parameters.regularizationExponent ?? 0),
          ...given(training.unobservedExponent, "unobservedExponent", parameters.unobservedExponent ?? 0),
        },
        learning: {
          ...given(learning.learner, "learner", learnt.learner),
          ...given(learning.rate, "rate", learnt.rate),
          ...given(learning.decay, "decay", learnt.decay),
          blend,
        },
        ...(reasons[training.metric.env] === "given" ? { metric } : {}),
      },
    };
  },
);
