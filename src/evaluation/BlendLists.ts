/** BlendLists: the blend's part of a list, by the stages that are served (`learning/Stages.ts`). */
import type { Scan } from "../kernels/TopK.ts";
import { type BlendConstants, blendConstants, makeBlend, type TasteConstants } from "../learning/Blend.ts";
import { makeBlendScorer } from "../learning/BlendScore.ts";
import type { Popularity } from "../learning/BlendSearch.ts";
import type { FollowersOf } from "../learning/FollowerLists.ts";
import type { ItemFactors } from "../learning/Learner.ts";
import { besideFollowers, blendOwn } from "../learning/Stages.ts";
import type { ListAsk } from "./Ask.ts";
import type { Factors, TrainingSet } from "./TrainingSet.ts";

/** Rows that are near to the shopper's taste, best first. */
type Near = (ask: ListAsk) => ArrayLike<number>;

export interface BlendShop {
  readonly set: TrainingSet;
  readonly factors: Factors;
  readonly nearTo: (constants: TasteConstants) => Near;
  readonly popularity: Popularity;
  /** Rows that trend, best first: as many as the longest list takes. */
  readonly trending: () => ArrayLike<number>;
}

/** The blend's own: at most `most` rows, best first, of those that are allowed; none where no item of the history is known. */
export type BlendLists = (ask: ListAsk) => Uint32Array;

/** A catalogue's rows stand for its items' indices. */
export const itemsOf = ({ itemFactors, rank }: Factors): ItemFactors => ({
  rank,
  vectors: itemFactors,
  rowOfIdx: (row) => row,
});

/** Those of a blend that differs in `changes`, by the types of the set. */
export const constantsOf = ({ types }: TrainingSet, changes: Partial<BlendConstants>): BlendConstants => ({
  ...blendConstants,
  weights: types.weights,
  ...changes,
});

/** `BlendShop.nearTo`: one search for each ask, however many blends differ in other constants alone. */
export const makeNearTo = (factors: Factors, unitScan: () => Scan): BlendShop["nearTo"] => {
  const known = new Map<string, Near>();
  return ({ decay, weights, window }) => {
    const key = `${decay} ${window}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const { tasteOf } = makeBlend(itemsOf(factors), { decay, weights, window });
    const scan = unitScan();
    let last: ListAsk | undefined;
    let found: ArrayLike<number> = [];
    const near: Near = (ask) => {
      if (ask === last) return found;
      const taste = tasteOf(ask.interactions);
      found =
        taste === undefined ? [] : scan.search(taste, besideFollowers(blendConstants, ask.most).near, ask.allowed).rows;
      last = ask;
      return found;
    };
    known.set(key, near);
    return near;
  };
};

export const makeBlendLists = (
  { factors, nearTo, popularity, set, trending }: BlendShop,
  followers: FollowersOf,
  changes: Partial<BlendConstants>,
): BlendLists => {
  const constants = constantsOf(set, changes);
  const items = { ...itemsOf(factors), itemIdx: Uint32Array.from({ length: set.items }, (_, row) => row) };
  const near: Near = constants.taste === 0 ? () => [] : nearTo(constants);
  const scorer = makeBlendScorer(items, constants);
  return (ask) => {
    const { allowed, interactions, most } = ask;
    const isAllowed = (row: number): boolean => allowed[row] !== 0;
    const sources = { interactions, followers, popularity, trending: trending(), allowed: isAllowed };
    return blendOwn({ constants, scorer }, { ...sources, near: () => near(ask) }, most).rows;
  };
};

/** What of the blend is item-to-item counting alone. */
export const followersAlone: Partial<BlendConstants> = { taste: 0, popularity: 0 };
