/** BlendLists: the blend's answers as serving makes them: the same candidates, scored by the same kernel. */
import type { Interaction } from "../domain/UserState.ts";
import type { Scan } from "../kernels/TopK.ts";
import { type BlendConstants, blendConstants, makeBlend } from "../learning/Blend.ts";
import { candidates, type FollowersOf, makeBlendScorer, type Popularity } from "../learning/BlendScore.ts";
import type { ItemFactors } from "../learning/Learner.ts";
import type { Factors, TrainingSet } from "./TrainingSet.ts";

export interface BlendShop {
  readonly set: TrainingSet;
  readonly factors: Factors;
  /** Of vectors at length 1. */
  readonly unitScan: Scan;
  readonly popularity: Popularity;
  /** Rows that trend, best first. */
  readonly trending: () => ArrayLike<number>;
}

/** At most `k` rows, best first, of those that `allowed` does not hold as 0; none where no item of the history is known. */
export type BlendLists = (interactions: ReadonlyArray<Interaction>, k: number, allowed: Uint8Array) => Uint32Array;

/** A catalogue's rows stand for its items' indices. */
export const itemsOf = ({ itemFactors, rank }: Factors): ItemFactors => ({
  rank,
  vectors: itemFactors,
  rowOfIdx: (row) => row,
});

export const makeBlendLists = (
  { factors, popularity, set, trending, unitScan }: BlendShop,
  followers: FollowersOf,
  changes: Partial<BlendConstants>,
): BlendLists => {
  const constants = { ...blendConstants, ...changes };
  const items = { ...itemsOf(factors), itemIdx: Uint32Array.from({ length: set.items }, (_, row) => row) };
  const learner = makeBlend(items, constants);
  const scorer = makeBlendScorer(items, constants);
  return (interactions, k, allowed) => {
    const taste = constants.taste === 0 ? undefined : learner.tasteOf(interactions);
    return scorer.search({
      interactions,
      followers,
      popularity,
      candidates: [
        taste === undefined ? [] : unitScan.search(taste, candidates.taste, allowed).rows,
        constants.popularity === 0 ? [] : trending(),
      ],
      allowed: (row) => allowed[row] !== 0,
      k,
    }).rows;
  };
};

/** What of the blend is item-to-item counting alone. */
export const followersAlone: Partial<BlendConstants> = { taste: 0, popularity: 0 };
