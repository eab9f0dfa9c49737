/** TunedSettings: how what `tune` found for the shop stands to what the next batch would use. */
import type { Recipe } from "../domain/Model.ts";
import type { Tuned } from "../domain/Tuned.ts";
import type { Choice } from "../training/Choice.ts";
import { training } from "../training/Settings.ts";
import type { TunedReport } from "./Report.ts";
import { count, date, gained } from "./ReportWords.ts";

/** What a recipe says of lists: constants of learners that it does not use are none of it. The seed is anybody's. */
const essence = ({ learning, metric, parameters }: Recipe): string => {
  const { blend, decay, learner, rate } = learning;
  const constants = {
    ema: [rate, metric],
    "fold-in": [decay, metric],
    blend: [blend.decay, blend.taste, blend.popularity],
  };
  const { alpha, iterations, rank, regularization, regularizationExponent = 0, unobservedExponent = 0 } = parameters;
  return JSON.stringify([
    learner,
    constants[learner],
    [rank, regularization, alpha, iterations, regularizationExponent, unobservedExponent],
  ]);
};

/** Null where nothing was tuned. The tuned model is made by the seed of the chosen one, so that only settings differ. */
export const tunedReport = (tuned: Tuned | undefined, chosen: Choice): TunedReport | null => {
  if (tuned === undefined) return null;
  const { evidence, learning, metric, proven } = tuned;
  const recipe = { learning, metric, parameters: { ...tuned.parameters, seed: chosen.parameters.seed } };
  return {
    recipe,
    evidence,
    proven,
    isConfigured: essence(recipe) === essence(chosen),
    given: Object.keys(chosen.reasons).filter((name) => chosen.reasons[name] === "given" && name !== training.seed.env),
  };
};

/** What tune found, in a sentence without its full stop. */
export const tunedSentence = ({ evidence, isConfigured, proven, recipe }: TunedReport): string => {
  const { cutoff, gain, shoppers } = evidence;
  const worth = `${gained(gain)} NDCG@${cutoff} on the defaults over ${count(shoppers)} shoppers by tune's own measure`;
  const found = `LEARNER=${recipe.learning.learner}, rank ${recipe.parameters.rank}: ${worth}`;
  if (!proven && isConfigured) return `Tuning found nothing better than what is configured (${found})`;
  if (!proven) return `Tuned settings are not proven, and no batch uses them (${found})`;
  return isConfigured
    ? `The settings are tuned (${found})`
    : `Tuned settings are there, but others are given (${found})`;
};

/** What their figures owe to the tested events having been looked at; undefined where they were not. */
export const tunedWarning = (
  { evidence, isConfigured, proven }: TunedReport,
  testFrom: number,
  testTo: number,
): string | undefined => {
  if (testFrom > evidence.to || (isConfigured && !proven)) return undefined;
  const whose = isConfigured ? "figures of the configured learner flatter" : "figures of `tuned` flatter";
  return testFrom < evidence.from
    ? `the tuned settings were chosen on events up to ${date(evidence.to)}, and the tested ones from ${date(testFrom)} on are among these: ${whose}`
    : `the tuned settings were accepted for their gain on events from ${date(evidence.from)} to ${date(evidence.to)}, and the tested ones, ` +
        `${date(testFrom)} to ${date(testTo)}, are among these: ${whose}, if little`;
};
