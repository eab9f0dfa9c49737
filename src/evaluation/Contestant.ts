/** Contestant: one way to follow the shoppers, compared prequentially. What contestants have in common is done once. */
import type { Metric } from "../domain/Model.ts";
import type { Interaction } from "../domain/UserState.ts";
import { type BlendConstants, blendConstants, makeBlend } from "../learning/Blend.ts";
import type { FollowersOf } from "../learning/BlendScore.ts";
import type { Learner } from "../learning/Learner.ts";
import type { Ask, NewItemAsk } from "./Ask.ts";
import { itemsOf, makeBlendLists } from "./BlendLists.ts";
import type { Shop } from "./LiveShop.ts";
import { rankByCount } from "./Popularity.ts";
import type { EvaluateParameters } from "./Report.ts";

/** Shoppers' vectors: those of the train part, moved by a learner. */
export interface ShopperVectors {
  /** Undefined: nothing is known of the shopper. */
  readonly of: (user: number) => Float32Array | undefined;
  readonly learn: (user: number, row: number, weight: number, interactions: ReadonlyArray<Interaction>) => void;
}

export interface Contestant {
  readonly name: string;
  /** The value of LEARNER that serves it. */
  readonly setting?: EvaluateParameters["learner"];
  /** The rank of the row, from 1; Infinity beyond the list. */
  readonly rank: (ask: Ask) => number;
  /** The rank of a new item among new items alone, of all of them; Infinity: it is not there. Absent where none can be found. */
  readonly rankNew?: (ask: NewItemAsk) => number;
  /** What is to be told of every event; several contestants may share it. */
  readonly vectors?: ShopperVectors;
}

const placeIn = (rows: Uint32Array, row: number): number => rows.indexOf(row) + 1 || Number.POSITIVE_INFINITY;

export const byCounts = (name: string, counts: ArrayLike<number>): Contestant => ({
  name,
  rank: ({ allowed, row }) => rankByCount(counts, row, allowed),
});

/** Users without train interactions begin as strangers. Without a `learner` all stay where training left them. */
export const makeShopperVectors = ({ factors, set }: Shop, learner?: Learner): ShopperVectors => {
  const { rank, userFactors } = factors;
  const learnt = new Map<number, Float32Array>();
  const of = (user: number): Float32Array | undefined =>
    learnt.get(user) ?? (set.userCounts[user] > 0 ? userFactors.subarray(user * rank, (user + 1) * rank) : undefined);
  return {
    of,
    learn: (user, row, weight, interactions) => {
      if (learner !== undefined) learnt.set(user, learner.learn(of(user), row, weight, interactions));
    },
  };
};

/** Strangers get what is popular. */
export const byVector = (name: string, shop: Shop, vectors: ShopperVectors, metric: Metric): Contestant => {
  const scan = metric === "dot" ? shop.scan() : shop.unitScan();
  return {
    name,
    vectors,
    rank: (ask) => {
      const vector = vectors.of(ask.user);
      return vector === undefined
        ? shop.popularRank(ask)
        : placeIn(scan.search(vector, ask.most, ask.allowed).rows, ask.row);
    },
    rankNew: ({ item, user }) => shop.newItems().rank(vectors.of(user), item),
  };
};

/** What `constants` leave out is as it is by default. `followers` are the shop's trained ones or those counted on. */
export const byBlend = (
  name: string,
  shop: Shop,
  followers: FollowersOf,
  constants: Partial<BlendConstants>,
): Contestant => {
  const lists = makeBlendLists(shop, followers, constants);
  const { tasteOf } = makeBlend(itemsOf(shop.factors), { ...blendConstants, ...constants });
  return {
    name,
    ...(constants.taste === 0
      ? {}
      : { rankNew: ({ interactions, item }) => shop.newItems().rank(tasteOf(interactions), item) }),
    rank: (ask) => {
      const rows = lists(ask);
      return rows.length === 0 ? shop.popularRank(ask) : placeIn(rows, ask.row);
    },
  };
};
