/** Card: what a model was made and is served by, and why, for a person at a terminal. */
import { Effect, Option } from "effect";
import type { Setting } from "../config/Setting.ts";
import { eventTypesText } from "../domain/EventTypes.ts";
import { defaultLearning } from "../domain/Learning.ts";
import { type Evidence, type Model, trainedTypes } from "../domain/Model.ts";
import { aligned } from "../domain/TextTable.ts";
import { learning } from "../learning/Settings.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { training } from "../training/Settings.ts";
import { findModel } from "./Registry.ts";

const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** What tuned settings are worth, in a sentence without its full stop. */
export const evidenceSentence = (evidence: Evidence): string => {
  const { cutoff, defaultNdcg, events, from, gain, shoppers, to, trials, tunedNdcg } = evidence;
  return (
    `NDCG@${cutoff} ${tunedNdcg.toFixed(4)} with the tuned settings, ${defaultNdcg.toFixed(4)} with the defaults: ` +
    `${gain.mean < 0 ? "" : "+"}${gain.mean.toFixed(4)} ± ${gain.margin.toFixed(4)} (95 % interval of the paired difference over ${shoppers} shoppers), ` +
    `on ${events} events from ${day(from)} to ${day(to)} that none of the ${trials} trials had looked at`
  );
};

const settingsOf = ({ learning: own, metric = "dot", parameters }: Model) => {
  const rows: ReadonlyArray<readonly [Setting<unknown>, string | number]> = [
    [training.rank, parameters.rank],
    [training.regularization, parameters.regularization],
    [training.alpha, parameters.alpha],
    [training.regularizationExponent, parameters.regularizationExponent ?? 0],
    [training.unobservedExponent, parameters.unobservedExponent ?? 0],
    [training.iterations, parameters.iterations],
    [training.seed, parameters.seed],
    [training.metric, metric],
  ];
  if (own === undefined) return rows;
  const { blend, decay, learner, rate } = own;
  const learnt: typeof rows = [
    [learning.learner, learner],
    ...(learner === "ema" ? ([[learning.rate, rate]] as const) : []),
    ...(learner === "fold-in" ? ([[learning.decay, decay]] as const) : []),
    ...(learner === "blend"
      ? ([
          [learning.blendDecay, blend.decay],
          [learning.blendTaste, blend.taste],
          [learning.blendPopularity, blend.popularity],
        ] as const)
      : []),
  ];
  return [...rows, ...learnt];
};

const cardOf = (model: Model, serves: boolean): string => {
  const { createdAt, evidence, halfLifeSeconds, id, learntFrom, reasons, status } = model;
  const from =
    learntFrom === undefined
      ? `${model.users} users and ${model.items} items`
      : `${learntFrom.events} events of ${learntFrom.users} users and ${learntFrom.items} items`;
  const rows = settingsOf(model).map(([{ env }, value]) => [env, String(value), reasons?.[env] ?? ""]);
  return [
    `model ${id}, ${serves ? "serves" : status}: made ${createdAt} of ${from}`,
    "",
    ...aligned([["setting", "value", "why"], ...rows]),
    "",
    ...(reasons === undefined ? ["why it has these settings is not known: it was made by an earlier version"] : []),
    `learns from ${eventTypesText(trainedTypes(model.snapshot).list)}`,
    ...(model.learning === undefined
      ? [`how its shoppers are learnt from is each role's own settings (default: ${defaultLearning.learner})`]
      : []),
    ...(halfLifeSeconds === undefined
      ? []
      : [`popularity halves every ${(halfLifeSeconds / 86_400).toFixed(1)} days, by how fast its events came`]),
    ...(evidence === undefined ? [] : [`tuned: ${evidenceSentence(evidence)}`]),
  ].join("\n");
};

/** The settings of a model, where each comes from, and the evidence for those that were tuned. */
export const modelCard = (id: string) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    const model = yield* findModel(state, id);
    return cardOf(model, Option.getOrUndefined(state.serving) === model.id);
  });
