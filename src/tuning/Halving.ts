/**
 * Halving: which settings are tried next, as a function of the space, the seed and what was found so far: so a search that
 * was cut short goes on where it was, and one that is repeated tries the same.
 *
 * Successive halving: of a bracket's configurations, each measured on the first few shoppers, the best third is measured on
 * more, and of these the best third on all. The shoppers of a rung are others than those before, and sums add up, so nothing is
 * measured twice. A configuration is a training; all ways to learn from events (arms) that look promising are measured on its
 * vectors in one pass. The default is measured first, to the end; half of each later bracket lies
 * around the best so far.
 *
 * Jamieson, Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016; brackets:
 * Li et al., "Hyperband", JMLR 2018.
 */
import type { ModelParameters } from "../domain/Model.ts";
import { makeRandom } from "../kernels/Random.ts";
import { type Arm, cellsOf, keyOf, placeOf, type Space } from "./Space.ts";

/** A configuration, to be measured on the shoppers of one rung. */
export interface Trial {
  readonly bracket: number;
  readonly rung: number;
  readonly parameters: ModelParameters;
  readonly arms: ReadonlyArray<Arm>;
}

/** What a trial found. */
export interface Result extends Trial {
  /** Events that were ranked for. */
  readonly events: number;
  /** Σ NDCG over them, by arm and cell. */
  readonly sums: ReadonlyArray<ReadonlyArray<number>>;
  /** Of the training, and of the pass over the events. */
  readonly trainSeconds: number;
  readonly passSeconds: number;
}

/** The best of a configuration: mean NDCG over the rungs that it was measured on. */
export interface Score {
  readonly parameters: ModelParameters;
  readonly arm: Arm;
  /** Place among the arm's cells. */
  readonly cell: number;
  readonly ndcg: number;
}

export interface Plan {
  readonly seed: number;
  readonly space: Space;
  /** Shares of the shoppers that are new at each rung; their sum is 1. */
  readonly rungs: ReadonlyArray<number>;
  /** What is tried after the default: settings that were good before. */
  readonly first: ReadonlyArray<ModelParameters>;
}

const width = 9;
const eta = 3;

/** By shoppers: few cannot be parted. */
export const rungsFor = (shoppers: number): ReadonlyArray<number> =>
  shoppers >= 300 ? [1 / 9, 2 / 9, 6 / 9] : shoppers >= 60 ? [1 / 3, 2 / 3] : [1];

export const trialKey = ({ parameters, rung }: Pick<Trial, "parameters" | "rung">): string =>
  `${keyOf(parameters)} / ${rung}`;

const armKey = ({ learner, step }: Arm): string => `${learner} ${step}`;

type Found = ReadonlyMap<string, Result>;

/** Every arm of a configuration that was measured on all rungs up to `rung`, with its best cell, best first. */
const scoresOf = (found: Found, parameters: ModelParameters, rung: number): ReadonlyArray<Score> => {
  const results: Array<Result> = [];
  for (let at = 0; at <= rung; at++) {
    const result = found.get(trialKey({ parameters, rung: at }));
    if (result === undefined) return [];
    results.push(result);
  }
  const events = results.reduce((sum, result) => sum + result.events, 0);
  const last = results[rung];
  return last.arms
    .flatMap((arm): ReadonlyArray<Score> => {
      const rows = results.map(({ arms, sums }) => sums[arms.findIndex((one) => armKey(one) === armKey(arm))]);
      if (rows.includes(undefined as never)) return [];
      const totals = rows[0].map((_, cell) => rows.reduce((sum, row) => sum + row[cell], 0));
      const cell = totals.reduce((best, total, at) => (total > totals[best] ? at : best), 0);
      return [{ parameters, arm, cell, ndcg: events === 0 ? 0 : totals[cell] / events }];
    })
    .sort((a, b) => b.ndcg - a.ndcg);
};

/** Of one recipe, measured on all rungs. */
export const ndcgOf = (
  found: Found,
  rungs: number,
  parameters: ModelParameters,
  arm: Arm,
  cell: number,
): number | undefined => {
  let [sum, events] = [0, 0];
  for (let rung = 0; rung < rungs; rung++) {
    const result = found.get(trialKey({ parameters, rung }));
    const at = result?.arms.findIndex((one) => armKey(one) === armKey(arm)) ?? -1;
    if (result === undefined || at < 0) return undefined;
    sum += result.sums[at][cell];
    events += result.events;
  }
  return events === 0 ? 0 : sum / events;
};

/** The best of all that were measured to the end, the default among them. */
export const bestOf = ({ rungs, space }: Pick<Plan, "rungs" | "space">, found: Found): Score => {
  const last = rungs.length - 1;
  let [best] = scoresOf(found, space.defaults.parameters, last);
  for (const { parameters, rung } of found.values()) {
    if (rung !== last) continue;
    const [score] = scoresOf(found, parameters, rung);
    if (score !== undefined && score.ndcg > best.ndcg) best = score;
  }
  return best;
};

const third = (count: number): number => Math.ceil(count / eta);

/** Almost as good as the best of the same vectors; and, of another learner, good enough to pass it on others. */
const [close, possible] = [0.98, 0.85];

/** What is measured of a configuration next, by scores, best first: those that are close to the best, at most a third of all; and the best of each learner that could become it. */
const promising = (scores: ReadonlyArray<Score>): ReadonlyArray<Arm> =>
  scores
    .filter(({ arm, ndcg }, at) => {
      const isFirst = scores.findIndex((one) => one.arm.learner === arm.learner) === at;
      return ndcg >= (isFirst ? possible : close) * scores[0].ndcg && (isFirst || at < third(scores.length));
    })
    .map(({ arm }) => arm);

const withArm = (arm: Arm, others: ReadonlyArray<Arm>): ReadonlyArray<Arm> => [
  arm,
  ...others.filter((other) => armKey(other) !== armKey(arm)),
];

/** How far a bracket's draws lie from the best so far. */
const spreads = [0.8, 0.4, 0.2];

const configurationsOf = (
  { first, seed, space }: Plan,
  bracket: number,
  known: ReadonlySet<string>,
  best: Score,
): ReadonlyArray<ModelParameters> => {
  const random = makeRandom(seed, `tuning.bracket.${bracket}`);
  const chosen = new Map<string, ModelParameters>();
  const add = (parameters: ModelParameters): void => {
    const key = keyOf(parameters);
    if (!known.has(key)) chosen.set(key, parameters);
  };
  if (bracket === 0) for (const parameters of first) add(parameters);
  // A space of few settings is exhausted: then a bracket has fewer, or none.
  for (let i = 0; i < 20 * width && chosen.size < width; i++) {
    const draws = bracket > 0 && i % 2 === 0;
    add(draws ? space.near(best.parameters, spreads[(i / 2) % spreads.length], random) : space.draw(random));
  }
  return [...chosen.values()];
};

/** The next trial that is not in `found` yet; undefined where nothing is left to try. */
export const nextTrial = (plan: Plan, found: Found): Trial | undefined => {
  const { rungs, space } = plan;
  const base = space.defaults.parameters;
  const { arm } = placeOf(space, space.defaults);
  for (let rung = 0; rung < rungs.length; rung++) {
    const arms = rung === 0 ? space.arms : withArm(arm, promising(scoresOf(found, base, rung - 1)));
    const trial = { bracket: 0, rung, parameters: base, arms };
    if (!found.has(trialKey(trial))) return trial;
  }
  const baseScores = scoresOf(found, base, rungs.length - 1);
  const known = new Set([keyOf(base)]);
  let best: Score = baseScores[0];
  for (let bracket = 0; ; bracket++) {
    const members = configurationsOf(plan, bracket, known, best);
    if (members.length === 0) return undefined;
    const begin = withArm(best.arm, promising(baseScores));
    let arms = new Map(members.map((parameters) => [keyOf(parameters), begin]));
    let left = members;
    for (let rung = 0; rung < rungs.length; rung++) {
      for (const parameters of left) {
        const trial = { bracket, rung, parameters, arms: arms.get(keyOf(parameters)) ?? [] };
        if (!found.has(trialKey(trial))) return trial;
      }
      const ranked = left
        .map((parameters) => ({ parameters, scores: scoresOf(found, parameters, rung) }))
        .sort((a, b) => (b.scores[0]?.ndcg ?? 0) - (a.scores[0]?.ndcg ?? 0));
      if (rung === rungs.length - 1) {
        const [score] = ranked[0].scores;
        if (score !== undefined && score.ndcg > best.ndcg) best = score;
      }
      const promoted = ranked.slice(0, third(ranked.length));
      arms = new Map(promoted.map(({ parameters, scores }) => [keyOf(parameters), promising(scores)]));
      left = promoted.map(({ parameters }) => parameters);
    }
    for (const parameters of members) known.add(keyOf(parameters));
  }
};

/** Whether the default was measured to the end. */
export const isMeasured = (plan: Plan, found: Found): boolean => {
  const trial = nextTrial(plan, found);
  return trial === undefined || keyOf(trial.parameters) !== keyOf(plan.space.defaults.parameters);
};

/** How many settings were compared: trainings, times what was measured on each. */
export const settingsTried = (space: Space, found: Found): number => {
  const tried = new Map<string, Set<string>>();
  for (const { arms, parameters } of found.values()) {
    const key = keyOf(parameters);
    const known = tried.get(key) ?? new Set<string>();
    tried.set(key, known);
    for (const arm of arms) known.add(armKey(arm));
  }
  let count = 0;
  for (const [, known] of tried) {
    for (const arm of space.arms) if (known.has(armKey(arm))) count += cellsOf(space, arm).length;
  }
  return count;
};
