/** Contestants: who is compared in a report: popularity, the frozen model, the model kept up to date by each learner. */
import { makeEma } from "../learning/Ema.ts";
import { makeFoldIn } from "../learning/FoldIn.ts";
import type { Learner } from "../learning/Learner.ts";
import { followersAlone, itemsOf } from "./BlendLists.ts";
import { byBlend, byCounts, byVector, type Contestant, makeShopperVectors } from "./Contestant.ts";
import type { Shop } from "./LiveShop.ts";
import type { EvaluateParameters } from "./Report.ts";

/** One in the report, and the same vectors ranked by cosine where vectors rank. */
export interface Compared {
  readonly contestant: Contestant;
  readonly byCosine?: Contestant;
}

/** Makes contestants for a shop, before its first event. */
export type Lineup = (shop: Shop) => ReadonlyArray<Compared>;

export const everyLearner: Lineup = (shop) => {
  const { blend, decay, model, rate } = shop.parameters;
  const items = itemsOf(shop.factors);
  const { regularization, alpha } = model;
  const vectors = (name: string, learner?: Learner, setting?: EvaluateParameters["learner"]): Compared => {
    const shared = makeShopperVectors(shop, learner);
    return {
      contestant: { ...byVector(name, shop, shared, "dot"), ...(setting === undefined ? {} : { setting }) },
      byCosine: byVector(`${name}, cosine`, shop, shared, "cosine"),
    };
  };
  return [
    { contestant: byCounts("popularity", shop.recent()) },
    { contestant: byCounts("popularity, fading", shop.popularity.scores) },
    vectors("ALS, frozen"),
    vectors("ALS + EMA", makeEma(items, { rate }), "ema"),
    vectors("ALS + fold-in", makeFoldIn(items, { decay, regularization, alpha }), "fold-in"),
    { contestant: byBlend("item-kNN", shop, shop.counted, { ...blend, ...followersAlone }) },
    { contestant: byBlend("blend, frozen", shop, shop.trained, blend) },
    { contestant: { ...byBlend("blend", shop, shop.counted, blend), setting: "blend" } },
  ];
};
