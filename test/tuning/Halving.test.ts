import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import type { ModelParameters } from "../../src/domain/Model.ts";
import {
  bestOf,
  nextTrial,
  type Plan,
  type Result,
  rungsFor,
  settingsTried,
  trialKey,
} from "../../src/tuning/Halving.ts";
import { type Arm, cellsOf, type Given, keyOf, makeSpace, placeOf, recipeOf } from "../../src/tuning/Space.ts";
import { defaults, noneGiven } from "./Defaults.ts";

const small = { pairs: 1000, rows: 500 };
const anything = () => true;
const spaceOf = (given: Given = noneGiven, expresses: (parameters: ModelParameters) => boolean = anything) =>
  makeSpace(
    {
      ...defaults,
      parameters: { ...defaults.parameters, ...given.parameters },
      learning: {
        ...defaults.learning,
        ...given.learning,
        blend: { ...defaults.learning.blend, ...given.learning.blend },
      },
    },
    given,
    small,
    expresses,
  );

/** What settings are worth in a made-up shop: best at rank 64, α 8, λ 2, and by a decay of 0.65. */
const worth = ({ alpha, rank, regularization }: ModelParameters, { learner, step }: Arm): number =>
  0.3 -
  0.02 * Math.abs(Math.log(alpha / 8)) -
  0.01 * Math.abs(Math.log(regularization / 2)) -
  0.03 * Math.abs(Math.log(rank / 64)) -
  (learner === "blend" ? 0.05 * Math.abs(step - 0.65) : 0.1);

/** As measured, on events of its own at each rung. */
const measure = (plan: Plan, trial: NonNullable<ReturnType<typeof nextTrial>>): Result => {
  const events = Math.round(900 * plan.rungs[trial.rung]);
  const sums = trial.arms.map((arm) =>
    cellsOf(plan.space, arm).map(
      ({ popularity, taste }) =>
        events * Math.max(0, worth(trial.parameters, arm) - 0.01 * Math.abs(taste - 0.4) - 0.01 * popularity),
    ),
  );
  return { ...trial, events, sums, trainSeconds: 1, passSeconds: 1 };
};

const run = (plan: Plan, trials: number, before: ReadonlyMap<string, Result> = new Map()) => {
  const found = new Map(before);
  for (let i = 0; i < trials; i++) {
    const trial = nextTrial(plan, found);
    if (trial === undefined) break;
    expect(found.has(trialKey(trial))).toBe(false);
    found.set(trialKey(trial), measure(plan, trial));
  }
  return found;
};

const planWith = (changes: Partial<Plan> = {}): Plan => ({
  seed: 1,
  space: spaceOf(),
  rungs: [1 / 9, 2 / 9, 6 / 9],
  first: [],
  ...changes,
});

describe("nextTrial", () => {
  it("measures the default to the end first, by every arm and then by its own and what is close", () => {
    const plan = planWith();
    const trials = [...run(plan, 3).values()];
    for (const { parameters } of trials) expect(parameters).toEqual(defaults.parameters);
    expect(trials[0].arms).toEqual(plan.space.arms);
    for (const { arms } of trials.slice(1)) {
      expect(arms[0]).toEqual({ learner: "blend", step: 0.8 });
      expect(arms).toContainEqual({ learner: "blend", step: 0.65 });
      expect(arms.length).toBeLessThan(plan.space.arms.length);
    }
    expect(trials.map(({ rung }) => rung)).toEqual([0, 1, 2]);
    const { arm, cell } = placeOf(plan.space, defaults);
    expect(recipeOf(plan.space, defaults.parameters, arm, cellsOf(plan.space, arm)[cell])).toEqual(defaults);
  });

  it("gives a third of a bracket more shoppers, and those are the best", () => {
    const plan = planWith();
    const all = [...run(plan, 3 + 9 + 3 + 1).values()].slice(3);
    const [first, second, third] = [0, 1, 2].map((rung) => all.filter((result) => result.rung === rung));
    expect([first.length, second.length, third.length]).toEqual([9, 3, 1]);
    const best = ({ events, sums }: Result): number => Math.max(...sums.flat()) / events;
    const ranked = [...first].sort((a, b) => best(b) - best(a)).map(({ parameters }) => keyOf(parameters));
    expect(second.map(({ parameters }) => keyOf(parameters))).toEqual(ranked.slice(0, 3));
    expect(third.map(({ parameters }) => keyOf(parameters))).toEqual(ranked.slice(0, 1));
  });

  it("goes on, wherever it was cut short, as if it had not been", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 1000 }), (cut, seed) => {
        const plan = planWith({ seed });
        const whole = run(plan, 60);
        const resumed = run(plan, 60 - cut, new Map([...whole].slice(0, cut)));
        expect([...resumed.keys()]).toEqual([...whole.keys()]);
      }),
      { numRuns: 8 },
    );
  });

  it("finds what is much better than the default, and more with more trials", () => {
    const plan = planWith();
    const score = (trials: number): number => bestOf(plan, run(plan, trials)).ndcg;
    expect(score(3)).toBeLessThan(0.21);
    expect(score(40)).toBeGreaterThan(0.26);
    expect(score(120)).toBeGreaterThanOrEqual(score(40));
    expect(score(120)).toBeGreaterThan(0.28);
    expect(bestOf(plan, run(plan, 120)).arm).toEqual({ learner: "blend", step: 0.65 });
  });

  it("tries settings that were good before right after the default", () => {
    const before = { ...defaults.parameters, rank: 64, alpha: 8, regularization: 2 };
    const plan = planWith({ first: [before], rungs: [1] });
    expect([...run(plan, 2).values()][1].parameters).toEqual(before);
  });

  it("searches nothing that is given, and ends where there is nothing to search", () => {
    const parameters = { rank: 48, alpha: 3, regularization: 0.5, regularizationExponent: 0.5, unobservedExponent: 0 };
    const given: Given = { parameters, learning: { learner: "ema", blend: {} } };
    const plan = planWith({ space: spaceOf(given), rungs: [1] });
    const found = run(plan, 50);
    expect(found.size).toBe(1);
    const [result] = found.values();
    expect(result.parameters).toMatchObject({ rank: 48, alpha: 3, regularization: 0.5, regularizationExponent: 0.5 });
    expect(new Set(result.arms.map(({ learner }) => learner))).toEqual(new Set(["ema"]));
    const half = run(planWith({ space: spaceOf({ ...noneGiven, parameters: { rank: 48 } }) }), 40);
    expect(new Set([...half.values()].map(({ parameters: { rank } }) => rank))).toEqual(new Set([48]));
    expect(new Set([...half.values()].map(({ parameters: { alpha } }) => alpha)).size).toBeGreaterThan(10);
  });

  it("tries nothing that the trainer cannot train by", () => {
    const expresses = ({ regularizationExponent = 0, unobservedExponent = 0 }: ModelParameters): boolean =>
      unobservedExponent === 0 && (regularizationExponent === 0 || regularizationExponent === 1);
    const exponents = (plan: Plan) =>
      new Set(
        [...run(plan, 80).values()].map(({ parameters: { regularizationExponent = 0 } }) => regularizationExponent),
      );
    expect(exponents(planWith({ space: spaceOf(noneGiven, expresses) }))).toEqual(new Set([0, 1]));
    expect(exponents(planWith()).size).toBeGreaterThan(3);
  });

  it("counts the settings that were compared", () => {
    const plan = planWith({ rungs: [1] });
    // 5 decays × 7 tastes × 8 popularities; 3 rates and 3 decays by two metrics.
    expect(settingsTried(plan.space, run(plan, 1))).toBe(5 * 56 + 6 * 2);
  });
});

describe("rungsFor", () => {
  it("parts all shoppers, few ones into fewer rungs", () => {
    for (const shoppers of [10, 200, 1000]) {
      expect(rungsFor(shoppers).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    }
    expect([10, 200, 1000].map((shoppers) => rungsFor(shoppers).length)).toEqual([1, 2, 3]);
  });
});

describe("a space", () => {
  it("leaves ranks out that would train for minutes", () => {
    const large = makeSpace(defaults, noneGiven, { pairs: 2_000_000, rows: 500_000 }, anything);
    const plan = planWith({ space: large });
    const ranks = [...run(plan, 60).values()].map(({ parameters: { rank } }) => rank);
    expect(Math.max(...ranks)).toBeLessThan(128);
    expect(ranks).toContain(32);
  });
});
