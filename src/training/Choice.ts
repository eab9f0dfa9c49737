/** Choice: what a model is made and served by: what is given, else what `tune` found for this shop, else the default; and why. */
import { Config, Effect, Option } from "effect";
import type { Setting } from "../config/Setting.ts";
import type { Learning } from "../domain/Learning.ts";
import type { Evidence, Metric, ModelParameters, Reason, Recipe } from "../domain/Model.ts";
import type { Tuned } from "../domain/Tuned.ts";
import { learning } from "../learning/Settings.ts";
import { Trainer } from "../ports/Trainer.ts";
import { training } from "./Settings.ts";
import { readTuned } from "./TunedFile.ts";

export interface Choice extends Recipe {
  /** By the settings' names in the environment. */
  readonly reasons: Readonly<Record<string, Reason>>;
  /** Where some setting is tuned. */
  readonly evidence: Evidence | undefined;
}

interface Picked<A> {
  readonly env: string;
  readonly value: A;
  readonly reason: Reason;
  /** What it was measured with beside the other tuned ones. */
  readonly tuned: A | undefined;
}

const pick = <A>({ config, env, given }: Setting<A>, tuned?: A): Config.Config<Picked<A>> =>
  Config.map(Config.all([given, config]), ([own, value]) =>
    Option.isSome(own)
      ? { env, value, reason: "given", tuned }
      : tuned === undefined
        ? { env, value, reason: "default", tuned }
        : { env, value: tuned, reason: "tuned", tuned },
  );

const values = <R extends Readonly<Record<string, Picked<unknown>>>>(picked: R) =>
  Object.fromEntries(Object.entries(picked).map(([name, { value }]) => [name, value])) as {
    readonly [K in keyof R]: R[K]["value"];
  };

/** The blend looks for what points the way that a shopper's items do. */
const metricFor = ({ learner }: Learning): Metric => (learner === "blend" ? "cosine" : "dot");

/** An exponent of 0 is left out: such a model is none but those that were trained before there were exponents. */
const parametersOf = ({ regularizationExponent, unobservedExponent, ...others }: Required<ModelParameters>) => ({
  ...others,
  ...(regularizationExponent === 0 ? {} : { regularizationExponent }),
  ...(unobservedExponent === 0 ? {} : { unobservedExponent }),
});

/** Of constants those of the learner that is used. */
const used = <R, D, B extends object>(learner: Learning["learner"], rate: R, decay: D, blend: B) =>
  learner === "ema" ? { rate } : learner === "fold-in" ? { decay } : blend;

const choiceBy = (found: Tuned | undefined): Config.Config<Choice> => {
  const parameters = found?.parameters;
  const learnt = found?.learning;
  return Config.map(
    Config.all({
      parameters: Config.all({
        rank: pick(training.rank, parameters?.rank),
        regularization: pick(training.regularization, parameters?.regularization),
        alpha: pick(training.alpha, parameters?.alpha),
        regularizationExponent: pick(
          training.regularizationExponent,
          parameters && (parameters.regularizationExponent ?? 0),
        ),
        unobservedExponent: pick(training.unobservedExponent, parameters && (parameters.unobservedExponent ?? 0)),
        iterations: pick(training.iterations, parameters?.iterations),
        seed: pick(training.seed),
      }),
      learning: Config.all({
        learner: pick(learning.learner, learnt?.learner),
        rate: pick(learning.rate, learnt?.rate),
        decay: pick(learning.decay, learnt?.decay),
      }),
      blend: Config.all({
        decay: pick(learning.blendDecay, learnt?.blend.decay),
        taste: pick(learning.blendTaste, learnt?.blend.taste),
        popularity: pick(learning.blendPopularity, learnt?.blend.popularity),
      }),
      metric: pick(training.metric, found?.metric),
    }),
    (picked): Choice => {
      const chosen: Learning = { ...values(picked.learning), blend: values(picked.blend) };
      const { reason, value } = picked.metric;
      const metric = {
        ...picked.metric,
        value: reason === "default" || value === "auto" ? metricFor(chosen) : value,
      };
      const all = [picked.parameters, picked.learning, picked.blend, { metric }].flatMap((group) =>
        Object.values<Picked<unknown>>(group),
      );
      const { decay, learner, rate } = picked.learning;
      const count = [picked.parameters, { learner, metric }, used(learner.value, rate, decay, picked.blend)];
      const besides = count
        .flatMap((group) => Object.values<Picked<unknown>>(group))
        .filter(({ tuned, value }) => tuned !== undefined && value !== tuned)
        .map(({ env, tuned, value }) => `${env}=${tuned}, where ${value} is given`);
      return {
        parameters: parametersOf(values(picked.parameters)),
        learning: chosen,
        metric: metric.value,
        reasons: Object.fromEntries(all.map((one) => [one.env, one.reason])),
        evidence:
          found !== undefined && all.some((one) => one.reason === "tuned")
            ? { ...found.evidence, ...(besides.length === 0 ? {} : { besides }) }
            : undefined,
      };
    },
  );
};

/**
 * As the settings say. Of `tuned` holds what is proven, where nothing is given; and none of it where a learner is given that is not
 * the tuned one: what was measured with one says nothing of another.
 */
export const choiceWith = (tuned: Tuned | undefined): Config.Config<Choice> =>
  Config.map(
    Config.all({
      learner: learning.learner.given,
      tuned: choiceBy(tuned?.proven === true ? tuned : undefined),
      untuned: choiceBy(undefined),
    }),
    ({ learner, tuned: by, untuned }) =>
      Option.getOrElse(learner, () => by.learning.learner) === tuned?.learning.learner ? by : untuned,
  );

interface Chosen {
  readonly choice: Choice;
  /** Why what was tuned is left out; undefined: it is not. */
  readonly warning: string | undefined;
}

/** What the next model of this DATA_DIR is made and served by, without what was tuned and the trainer cannot do. */
export const chosen = Effect.gen(function* () {
  const tuned = yield* readTuned;
  const own = yield* choiceWith(tuned);
  const { learner } = own.learning;
  const { env } = learning.learner;
  const warning =
    tuned?.proven === true && learner !== tuned.learning.learner
      ? `the tuned settings are left out, since they are for ${env}=${tuned.learning.learner}, and ${env}=${learner} is given: ` +
        "`tune` by the same searches those for it"
      : undefined;
  const refused = own.evidence === undefined ? undefined : (yield* Trainer).refuses(own.parameters);
  if (refused === undefined) return { choice: own, warning } satisfies Chosen as Chosen;
  return {
    choice: yield* choiceWith(undefined),
    warning: `the tuned settings are left out, since ${refused.message}; or tune again for this trainer`,
  } satisfies Chosen as Chosen;
});

/** The same, with the warning told. */
export const choice = Effect.gen(function* () {
  const { choice, warning } = yield* chosen;
  if (warning !== undefined) yield* Effect.logWarning(warning);
  return choice;
});
