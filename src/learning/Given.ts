/** Given: what the settings say of how shoppers are learnt from, and what they leave to the model. */
import { Config, Option } from "effect";
import { defaultLearning, type Learning } from "../domain/Learning.ts";
import { learning } from "./Settings.ts";

export interface GivenLearning {
  /** With `own`, a model's, where nothing is given; without, the defaults. */
  readonly over: (own: Learning | undefined) => Learning;
  /** What is given and not as in `own`, each as `LEARNER=ema (the model's: blend)`. */
  readonly against: (own: Learning) => ReadonlyArray<string>;
}

const { blendDecay, blendPopularity, blendTaste, decay, learner, rate } = learning;

export const givenLearning: Config.Config<GivenLearning> = Config.map(
  Config.all({
    learner: learner.given,
    rate: rate.given,
    decay: decay.given,
    blendDecay: blendDecay.given,
    blendTaste: blendTaste.given,
    blendPopularity: blendPopularity.given,
  }),
  (given) => ({
    over: (own = defaultLearning) => ({
      learner: Option.getOrElse(given.learner, () => own.learner),
      rate: Option.getOrElse(given.rate, () => own.rate),
      decay: Option.getOrElse(given.decay, () => own.decay),
      blend: {
        decay: Option.getOrElse(given.blendDecay, () => own.blend.decay),
        taste: Option.getOrElse(given.blendTaste, () => own.blend.taste),
        popularity: Option.getOrElse(given.blendPopularity, () => own.blend.popularity),
      },
    }),
    against: (own) => {
      const differs = <A>({ env }: { readonly env: string }, one: Option.Option<A>, its: A): ReadonlyArray<string> =>
        Option.isSome(one) && one.value !== its ? [`${env}=${one.value} (the model's: ${its})`] : [];
      return [
        ...differs(learner, given.learner, own.learner),
        ...differs(rate, given.rate, own.rate),
        ...differs(decay, given.decay, own.decay),
        ...differs(blendDecay, given.blendDecay, own.blend.decay),
        ...differs(blendTaste, given.blendTaste, own.blend.taste),
        ...differs(blendPopularity, given.blendPopularity, own.blend.popularity),
      ];
    },
  }),
);
