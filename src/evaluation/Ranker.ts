/** Ranker: who is compared offline: the best k of the catalogue for one user, as learnt from the train part. */

import { makeRandom } from "../kernels/Random.ts";
import { makeScan } from "../kernels/TopK.ts";
import { unitRows } from "../kernels/UnitRows.ts";
import { type BlendConstants, blendConstants } from "../learning/Blend.ts";
import { followersOf } from "../learning/FollowerLists.ts";
import { besideFollowers, selected } from "../learning/Stages.ts";
import { followersAlone, makeBlendLists, makeNearTo } from "./BlendLists.ts";
import type { InteractionLog } from "./InteractionLog.ts";
import { popularityBefore } from "./LiveShop.ts";
import type { Measured } from "./Measured.ts";
import { makePopularity, mostPopular, windowSeconds } from "./Popularity.ts";
import type { EvaluateParameters } from "./Report.ts";
import { shoppersBefore } from "./Shoppers.ts";
import type { Split } from "./Split.ts";
import type { Factors, TrainingSet } from "./TrainingSet.ts";

export interface Ranker {
  readonly name: string;
  /** At most `k` item rows, best first, of those that `allowed` (one byte per row) does not hold as 0. */
  readonly recommend: (user: number, k: number, allowed: Uint8Array) => ArrayLike<number>;
}

/** By distinct shoppers in the last `popularDays` before the newest train interaction. */
export const popularityRanker = (
  log: InteractionLog,
  split: Split,
  set: TrainingSet,
  popularDays: EvaluateParameters["popularDays"],
): Ranker => {
  const window = windowSeconds(popularDays);
  const popularity = makePopularity(set.items, window);
  const newest = log.time[split.train[split.train.length - 1]];
  for (const at of split.train) {
    if (newest - log.time[at] < window) popularity.observe(log.user[at], set.rowOf[log.item[at]], log.time[at]);
  }
  const order = mostPopular(popularity.counts);
  return {
    name: "popularity",
    recommend: (_, k, allowed) => {
      const best: Array<number> = [];
      for (let i = 0; i < order.length && best.length < k; i++) if (allowed[order[i]] !== 0) best.push(order[i]);
      return best;
    },
  };
};

/** Gives what fills other lists up. */
interface Filling extends Ranker {
  readonly recommend: (user: number, k: number, allowed: Uint8Array) => Uint32Array;
}

/** By what strangers get when it is served: the fading popularity, as the train part leaves it. */
export const strangersRanker = (input: Measured): Filling => {
  const popularity = popularityBefore(input);
  return { name: "popularity, fading", recommend: (_, k, allowed) => popularity.best(k, allowed) };
};

/** By inner product; users without train interactions get `strangers`, as when it is served. */
export const alsRanker = (set: TrainingSet, factors: Factors, strangers: Ranker): Ranker => {
  const { rank, userFactors, itemFactors } = factors;
  const scan = makeScan({ vectors: itemFactors, rows: set.items, rank });
  return {
    name: "ALS",
    recommend: (user, k, allowed) =>
      set.userCounts[user] === 0
        ? strangers.recommend(user, k, allowed)
        : scan.search(userFactors.subarray(user * rank, (user + 1) * rank), k, allowed).rows,
  };
};

/** `own`, filled up to `k` by `popular` where it is shorter. */
const filled = (k: number, own: Uint32Array, popular: () => Uint32Array): ArrayLike<number> => {
  if (own.length === k) return own;
  const sources = { own, popular: popular(), rest: [] };
  return selected<number>(
    k,
    sources,
    () => true,
    (row) => row,
  );
};

/** By counts of followers alone, and by the blend; users without train interactions get `strangers`. */
export const blendRankers = (input: Measured, strangers: Filling): ReadonlyArray<Ranker> => {
  const { factors, followers, parameters, set } = input;
  const shoppers = shoppersBefore(input);
  const popularity = popularityBefore(input);
  const trending = popularity.best(besideFollowers(blendConstants, parameters.k).trending, set.available);
  const units = unitRows(factors.itemFactors, factors.rank);
  const unitScan = makeScan({ vectors: units, rows: set.items, rank: factors.rank });
  const shop = { set, factors, nearTo: makeNearTo(factors, () => unitScan), popularity, trending: () => trending };
  const ranker = (name: string, changes: Partial<BlendConstants> = {}): Ranker => {
    const lists = makeBlendLists(shop, followersOf(followers), { ...parameters.blend, ...changes });
    return {
      name,
      recommend: (user, k, allowed) =>
        set.userCounts[user] === 0
          ? strangers.recommend(user, k, allowed)
          : filled(k, lists({ interactions: shoppers.get(user)?.interactions ?? [], allowed, most: k }), () =>
              strangers.recommend(user, k, allowed),
            ),
    };
  };
  return [ranker("item-kNN", followersAlone), ranker("blend")];
};

/** Distinct items drawn anew for each list. */
export const randomRanker = (items: number, seed: number): Ranker => {
  const random = makeRandom(seed, "evaluate.random");
  const rows = Uint32Array.from({ length: items }, (_, row) => row);
  return {
    name: "random",
    recommend: (_, k, allowed) => {
      const drawn: Array<number> = [];
      for (let i = 0; i < items && drawn.length < k; i++) {
        const j = i + random.below(items - i);
        const row = rows[j];
        rows[j] = rows[i];
        rows[i] = row;
        if (allowed[row] !== 0) drawn.push(row);
      }
      return drawn;
    },
  };
};
