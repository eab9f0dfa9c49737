/** Contestant: one way to follow the shoppers, compared prequentially. */
import type { Interaction } from "../domain/UserState.ts";
import { makeEma } from "../learning/Ema.ts";
import { makeFoldIn } from "../learning/FoldIn.ts";
import type { Learner } from "../learning/Learner.ts";
import type { EvaluateParameters } from "./Report.ts";
import type { Factors, TrainingSet } from "./TrainingSet.ts";

export interface Contestant {
  readonly name: string;
  /** Whether it ever ranks by a vector. */
  readonly vectors: boolean;
  /** What the catalogue is ranked by for this user; undefined: by live popularity. */
  readonly query: (user: number) => Float32Array | undefined;
  readonly learn: (user: number, row: number, weight: number, interactions: ReadonlyArray<Interaction>) => void;
}

const popularity: Contestant = { name: "popularity", vectors: false, query: () => undefined, learn: () => {} };

/** Starts from the trained vectors; users without train interactions are cold. Without a `learner` it stays there. */
const vectorContestant = (name: string, set: TrainingSet, factors: Factors, learner?: Learner): Contestant => {
  const { rank, userFactors } = factors;
  const learnt = new Map<number, Float32Array>();
  const query = (user: number): Float32Array | undefined =>
    learnt.get(user) ?? (set.userCounts[user] > 0 ? userFactors.subarray(user * rank, (user + 1) * rank) : undefined);
  return {
    name,
    vectors: true,
    query,
    learn: (user, row, weight, interactions) => {
      if (learner !== undefined) learnt.set(user, learner.learn(query(user), row, weight, interactions));
    },
  };
};

/** Popularity, the frozen model, and the model kept up to date by each learner there is. */
export const makeContestants = (
  set: TrainingSet,
  factors: Factors,
  { rate, decay, model: { regularization, alpha } }: EvaluateParameters,
): ReadonlyArray<Contestant> => {
  const items = { rank: factors.rank, vectors: factors.itemFactors, rowOfIdx: (row: number) => row };
  return [
    popularity,
    vectorContestant("ALS, frozen", set, factors),
    vectorContestant("ALS + EMA", set, factors, makeEma(items, { rate })),
    vectorContestant("ALS + fold-in", set, factors, makeFoldIn(items, { decay, regularization, alpha })),
  ];
};
