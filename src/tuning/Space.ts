/** Space: which settings may be tried, and how a seed draws them. */
import type { LearnerName, Learning } from "../domain/Learning.ts";
import type { Metric, ModelParameters, Recipe } from "../domain/Model.ts";
import type { Random } from "../kernels/Random.ts";

/** One way to learn from events; `step`: η of the moving average, else the decay. What it ranks by has cells of its own. */
export interface Arm {
  readonly learner: LearnerName;
  readonly step: number;
}

/** What an arm ranks by, all of which one pass over the events measures: τ and π of the blend; of vectors, the metric. */
export interface Cell {
  readonly taste: number;
  readonly popularity: number;
  readonly metric: Metric;
}

/** Settings that somebody gave: they are not searched. */
export interface Given {
  readonly parameters: Partial<ModelParameters>;
  readonly learning: Partial<Omit<Learning, "blend">> & { readonly blend: Partial<Learning["blend"]> };
  readonly metric?: Metric;
}

export interface Space {
  /** What the batch goes by where nothing is tuned. */
  readonly defaults: Recipe;
  readonly given: Given;
  readonly arms: ReadonlyArray<Arm>;
  /** Of another search, with what is given. */
  readonly adopt: (parameters: ModelParameters) => ModelParameters;
  readonly draw: (random: Random) => ModelParameters;
  /** Close to `parameters`; the closer, the smaller `spread` in (0, 1]. */
  readonly near: (parameters: ModelParameters, spread: number, random: Random) => ModelParameters;
}

const ranks = [16, 32, 48, 64, 96, 128];
const exponents = [0, 0.25, 0.5, 0.75, 1];
const alphas = { least: 0.03, most: 100 };
const regularizations = { least: 1e-3, most: 100 };

const steps: Readonly<Record<LearnerName, ReadonlyArray<number>>> = {
  blend: [0.3, 0.5, 0.65, 0.8, 0.9],
  ema: [0.1, 0.2, 0.4],
  "fold-in": [0.6, 0.8, 0.92],
};
const tastes = [0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6];
const popularities = [0, 0.1, 0.2, 0.3, 0.45, 0.7, 1, 1.6];

const withValue = (values: ReadonlyArray<number>, value: number): ReadonlyArray<number> =>
  values.includes(value) ? values : [...values, value].sort((a, b) => a - b);

const stepOf = (learner: LearnerName, { blend, decay, rate }: Learning): number =>
  learner === "blend" ? blend.decay : learner === "ema" ? rate : decay;

const givenStep = (learner: LearnerName, { blend, decay, rate }: Given["learning"]): number | undefined =>
  learner === "blend" ? blend.decay : learner === "ema" ? rate : decay;

const armsOf = ({ learning }: Recipe, given: Given["learning"]): ReadonlyArray<Arm> =>
  (given.learner === undefined ? (["blend", "ema", "fold-in"] as const) : [given.learner]).flatMap((learner) => {
    const fixed = givenStep(learner, given);
    const values = fixed === undefined ? withValue(steps[learner], stepOf(learner, learning)) : [fixed];
    return values.map((step) => ({ learner, step }));
  });

/** In one order, so that sums can be kept by place. The blend's items are searched by cosine. */
export const cellsOf = (
  { defaults, given }: Pick<Space, "defaults" | "given">,
  { learner }: Arm,
): ReadonlyArray<Cell> => {
  const { popularity, taste } = defaults.learning.blend;
  if (learner !== "blend") {
    const metrics = given.metric === undefined ? (["dot", "cosine"] as const) : [given.metric];
    return metrics.map((metric) => ({ taste, popularity, metric }));
  }
  const fixed = given.learning.blend;
  const metric = given.metric ?? "cosine";
  const ofTaste = fixed.taste === undefined ? withValue(tastes, taste) : [fixed.taste];
  const ofPopularity = fixed.popularity === undefined ? withValue(popularities, popularity) : [fixed.popularity];
  return ofTaste.flatMap((one) => ofPopularity.map((other) => ({ taste: one, popularity: other, metric })));
};

/** All that a model is made and served by: of the other learners, what the default has. */
export const recipeOf = (
  { defaults: { learning } }: Pick<Space, "defaults">,
  parameters: ModelParameters,
  { learner, step }: Arm,
  { metric, popularity, taste }: Cell,
): Recipe => ({
  parameters,
  metric,
  learning: {
    learner,
    rate: learner === "ema" ? step : learning.rate,
    decay: learner === "fold-in" ? step : learning.decay,
    blend: learner === "blend" ? { decay: step, taste, popularity } : learning.blend,
  },
});

/** The arm and the cell's place of a recipe; place -1 where it has none. */
export const placeOf = (space: Space, { learning, metric }: Recipe): { readonly arm: Arm; readonly cell: number } => {
  const { blend, learner } = learning;
  const arm = { learner, step: stepOf(learner, learning) };
  const cell = cellsOf(space, arm).findIndex((one) =>
    learner === "blend" ? one.taste === blend.taste && one.popularity === blend.popularity : one.metric === metric,
  );
  return { arm, cell };
};

/** Two digits: what is beyond them decides nothing, and is hard to read. */
const rounded = (value: number): number => Number(value.toPrecision(2));

const clamp = (value: number, { least, most }: typeof alphas): number => Math.min(most, Math.max(least, value));

const within = (range: typeof alphas, random: Random): number =>
  rounded(range.least * (range.most / range.least) ** random.uniform());

/** What `unset` exponents are, as `training/Parameters.ts` has them. */
const withExponents = (
  parameters: ModelParameters,
  regularizationExponent: number,
  unobservedExponent: number,
): ModelParameters => {
  const { regularizationExponent: _ν, unobservedExponent: _β, ...others } = parameters;
  return {
    ...others,
    ...(regularizationExponent === 0 ? {} : { regularizationExponent }),
    ...(unobservedExponent === 0 ? {} : { unobservedExponent }),
  };
};

export const keyOf = (parameters: ModelParameters): string => {
  const { alpha, iterations, rank, regularization, regularizationExponent, seed, unobservedExponent } = parameters;
  return [rank, alpha, regularization, regularizationExponent ?? 0, unobservedExponent ?? 0, iterations, seed].join(
    " ",
  );
};

/** Multiply-adds of a training: each pair's outer product on both sides, and each row's equations. */
export const trainingCost = ({ iterations, rank }: ModelParameters, pairs: number, rows: number): number =>
  iterations * rank * rank * (2 * pairs + (rows * rank) / 3);

/** Beyond it one training takes minutes: so large a rank is not tried, unless it is the default. */
const mostCost = 1e12;
const tries = 1000;

/** `expresses`: whether the trainer can train by these. `pairs` and `rows`: what it trains on, users and items. */
export const makeSpace = (
  defaults: Recipe,
  given: Given,
  data: { readonly pairs: number; readonly rows: number },
  expresses: (parameters: ModelParameters) => boolean,
): Space => {
  const base = defaults.parameters;
  const largest = Math.max(
    base.rank,
    ...ranks.filter((rank) => trainingCost({ ...base, rank }, data.pairs, data.rows) <= mostCost),
  );
  const allRanks = withValue(
    ranks.filter((rank) => rank <= largest),
    base.rank,
  );

  const adopt = (parameters: ModelParameters): ModelParameters => {
    const { iterations, seed } = base;
    const own = { ...parameters, ...given.parameters, iterations, seed };
    return withExponents(own, own.regularizationExponent ?? 0, own.unobservedExponent ?? 0);
  };

  /** What is drawn, but for what was given; the default where the trainer could do none of it. */
  const settled = (make: () => ModelParameters): ModelParameters => {
    for (let i = 0; i < tries; i++) {
      const parameters = adopt(make());
      if (expresses(parameters)) return parameters;
    }
    return base;
  };
  const one = (values: ReadonlyArray<number>, random: Random): number => values[random.below(values.length)];
  const beside = (values: ReadonlyArray<number>, value: number, random: Random): number => {
    const at = withValue(values, value).indexOf(value) + random.below(3) - 1;
    return withValue(values, value)[Math.min(values.length - 1, Math.max(0, at))];
  };
  const around = (value: number, range: typeof alphas, spread: number, random: Random): number =>
    rounded(clamp(value * Math.exp(spread * random.normal()), range));

  return {
    defaults,
    given,
    arms: armsOf(defaults, given.learning),
    adopt,
    draw: (random) =>
      settled(() =>
        withExponents(
          {
            ...base,
            rank: one(allRanks, random),
            alpha: within(alphas, random),
            regularization: within(regularizations, random),
          },
          random.chance(0.4) ? 0 : one(exponents, random),
          random.chance(0.6) ? 0 : one(exponents, random),
        ),
      ),
    near: (parameters, spread, random) =>
      settled(() =>
        withExponents(
          {
            ...parameters,
            rank: beside(allRanks, parameters.rank, random),
            alpha: around(parameters.alpha, alphas, spread, random),
            regularization: around(parameters.regularization, regularizations, 1.5 * spread, random),
          },
          beside(exponents, parameters.regularizationExponent ?? 0, random),
          beside(exponents, parameters.unobservedExponent ?? 0, random),
        ),
      ),
  };
};
