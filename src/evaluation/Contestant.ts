/** Contestant: one way to follow the shoppers, compared prequentially. What contestants have in common is done once. */
import type { Metric } from "../domain/Model.ts";
import type { Interaction } from "../domain/UserState.ts";
import { type BlendConstants, makeBlend } from "../learning/Blend.ts";
import type { FollowersOf } from "../learning/FollowerLists.ts";
import type { Learner } from "../learning/Learner.ts";
import { selected } from "../learning/Stages.ts";
import type { Ask, NewItemAsk, ShopperAsk } from "./Ask.ts";
import { constantsOf, itemsOf, makeBlendLists } from "./BlendLists.ts";
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

/** What serves shoppers: its ranks are places in its lists. */
export interface Listing extends Contestant {
  /** At most `most` rows, best first. */
  readonly list: (ask: ShopperAsk) => Uint32Array;
}

/** `ownOf`: what is the shopper's own, none for a stranger; filled up as it is served (`learning/Stages.ts`). */
const byOwn = (name: string, shop: Shop, ownOf: (ask: ShopperAsk) => Uint32Array): Listing => {
  const itself = (row: number): number => row;
  const list = (ask: ShopperAsk): Uint32Array => {
    const own = ownOf(ask);
    if (own.length === ask.most) return own;
    const sources = { own, popular: shop.popular(ask), rest: shop.rest };
    return Uint32Array.from(selected(ask.most, sources, (row) => ask.allowed[row] !== 0, itself));
  };
  return { name, list, rank: (ask) => list(ask).indexOf(ask.row) + 1 || Number.POSITIVE_INFINITY };
};

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
export const byVector = (name: string, shop: Shop, vectors: ShopperVectors, metric: Metric): Listing => {
  const scan = metric === "dot" ? shop.scan() : shop.unitScan();
  const none = new Uint32Array(0);
  const own = byOwn(name, shop, ({ allowed, most, user }) => {
    const vector = vectors.of(user);
    return vector === undefined ? none : scan.search(vector, most, allowed).rows;
  });
  return { ...own, vectors, rankNew: ({ item, user }) => shop.newItems().rank(vectors.of(user), item) };
};

/** What `constants` leave out is as it is by default. `followers` are the shop's trained ones or those counted on. */
export const byBlend = (
  name: string,
  shop: Shop,
  followers: FollowersOf,
  constants: Partial<BlendConstants>,
): Listing => {
  const own = byOwn(name, shop, makeBlendLists(shop, followers, constants));
  if (constants.taste === 0) return own;
  const { tasteOf } = makeBlend(itemsOf(shop.factors), constantsOf(shop.set, constants));
  return { ...own, rankNew: ({ interactions, item }) => shop.newItems().rank(tasteOf(interactions), item) };
};
