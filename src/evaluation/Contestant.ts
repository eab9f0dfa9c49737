/** Contestant: one way to follow the shoppers, compared prequentially. */
import type { Interaction } from "../domain/UserState.ts";
import type { Scan } from "../kernels/TopK.ts";
import type { BlendConstants } from "../learning/Blend.ts";
import type { FollowersOf } from "../learning/BlendScore.ts";
import { makeEma } from "../learning/Ema.ts";
import { makeFoldIn } from "../learning/FoldIn.ts";
import type { Learner } from "../learning/Learner.ts";
import { type BlendShop, followersAlone, itemsOf, makeBlendLists } from "./BlendLists.ts";
import type { FadingPopularity } from "./FadingPopularity.ts";
import { rankByCount } from "./Popularity.ts";
import type { EvaluateParameters } from "./Report.ts";

/** What is asked before an event. */
export interface Ask {
  readonly user: number;
  /** What the shopper did before, oldest first. */
  readonly interactions: ReadonlyArray<Interaction>;
  /** Whose rank is asked for: the event's item. */
  readonly row: number;
  /** By row, 1 or 0: what may be ranked. */
  readonly allowed: Uint8Array;
  /** The longest list that is looked at. */
  readonly most: number;
}

export interface Contestant {
  readonly name: string;
  /** The value of LEARNER that serves it. */
  readonly setting?: EvaluateParameters["learner"];
  /** The rank of the row, from 1; Infinity beyond the list. */
  readonly rank: (ask: Ask) => number;
  /** The same by cosine; undefined where no vectors rank. */
  readonly rankByCosine?: (ask: Ask) => number;
  readonly learn: (user: number, row: number, weight: number, interactions: ReadonlyArray<Interaction>) => void;
}

/** What contestants stand on; popularity and followers are kept up to date by others. */
export interface Shop extends BlendShop {
  readonly parameters: EvaluateParameters;
  /** Of vectors as they are. */
  readonly scan: Scan;
  /** Distinct shoppers by row within the window. */
  readonly recent: ArrayLike<number>;
  readonly popularity: FadingPopularity;
  /** Those of the train part, and counted on. */
  readonly trained: FollowersOf;
  readonly counted: FollowersOf;
}

const learnNothing = (): void => {};

const placeIn = (rows: Uint32Array, row: number): number => rows.indexOf(row) + 1 || Number.POSITIVE_INFINITY;

const byCounts = (name: string, counts: ArrayLike<number>): Contestant => ({
  name,
  rank: ({ allowed, row }) => rankByCount(counts, row, allowed),
  learn: learnNothing,
});

/** Starts from the trained vectors; users without train interactions are cold. Without a `learner` it stays there. */
const byVector = (name: string, shop: Shop, learner?: Learner): Contestant => {
  const { factors, popularity, scan, set, unitScan } = shop;
  const { rank, userFactors } = factors;
  const learnt = new Map<number, Float32Array>();
  const query = (user: number): Float32Array | undefined =>
    learnt.get(user) ?? (set.userCounts[user] > 0 ? userFactors.subarray(user * rank, (user + 1) * rank) : undefined);
  const rankOn =
    (vectors: Scan) =>
    ({ allowed, most, row, user }: Ask): number => {
      const vector = query(user);
      return vector === undefined
        ? rankByCount(popularity.scores, row, allowed)
        : placeIn(vectors.search(vector, most, allowed).rows, row);
    };
  return {
    name,
    rank: rankOn(scan),
    rankByCosine: rankOn(unitScan),
    learn: (user, row, weight, interactions) => {
      if (learner !== undefined) learnt.set(user, learner.learn(query(user), row, weight, interactions));
    },
  };
};

const byBlend = (
  name: string,
  shop: Shop,
  followers: FollowersOf,
  changes: Partial<BlendConstants> = {},
): Contestant => {
  const lists = makeBlendLists(shop, followers, { ...shop.parameters.blend, ...changes });
  return {
    name,
    rank: ({ allowed, interactions, most, row }) => {
      const rows = lists(interactions, most, allowed);
      return rows.length === 0 ? rankByCount(shop.popularity.scores, row, allowed) : placeIn(rows, row);
    },
    learn: learnNothing,
  };
};

/** Popularity, the frozen model, the model kept up to date by each learner, and what the best of them is made of. */
export const makeContestants = (shop: Shop): ReadonlyArray<Contestant> => {
  const { rate, decay, model } = shop.parameters;
  const items = itemsOf(shop.factors);
  const { regularization, alpha } = model;
  return [
    byCounts("popularity", shop.recent),
    byCounts("popularity, fading", shop.popularity.scores),
    byVector("ALS, frozen", shop),
    { ...byVector("ALS + EMA", shop, makeEma(items, { rate })), setting: "ema" },
    { ...byVector("ALS + fold-in", shop, makeFoldIn(items, { decay, regularization, alpha })), setting: "fold-in" },
    byBlend("item-kNN", shop, shop.counted, followersAlone),
    byBlend("blend, frozen", shop, shop.trained),
    { ...byBlend("blend", shop, shop.counted), setting: "blend" },
  ];
};
