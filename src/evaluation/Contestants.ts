/** Contestants: who is compared in a report: popularity, the frozen model, the model kept up to date by each learner, and what was tuned. */
import type { Metric, Recipe } from "../domain/Model.ts";
import { makeEma } from "../learning/Ema.ts";
import { makeFoldIn } from "../learning/FoldIn.ts";
import type { Learner } from "../learning/Learner.ts";
import { followersAlone, itemsOf } from "./BlendLists.ts";
import { byBlend, byCounts, byVector, type Contestant, type Listing, makeShopperVectors } from "./Contestant.ts";
import { type Shop, withFactors } from "./LiveShop.ts";
import type { EvaluateParameters } from "./Report.ts";
import type { Factors } from "./TrainingSet.ts";

/** One in the report, and the same vectors ranked by cosine where vectors rank. */
export interface Compared {
  readonly contestant: Contestant;
  readonly byCosine?: Contestant;
}

/** One that serves. */
export interface Served extends Compared {
  readonly contestant: Listing;
}

/** Makes contestants for a shop, before its first event. */
export type Lineup = (shop: Shop) => ReadonlyArray<Compared>;

const vectors = (name: string, shop: Shop, learner?: Learner, metric: Metric = "dot"): Served => {
  const shared = makeShopperVectors(shop, learner);
  return {
    contestant: byVector(name, shop, shared, metric),
    byCosine: byVector(`${name}, cosine`, shop, shared, "cosine"),
  };
};

/** As a model made by it would be served. The shop's factors are those of its parameters. */
export const byRecipe = (name: string, shop: Shop, { learning, metric, parameters }: Recipe): Served => {
  const items = itemsOf(shop.factors);
  const { alpha, regularization } = parameters;
  const { blend, decay, learner, rate } = learning;
  switch (learner) {
    case "blend":
      return { contestant: byBlend(name, shop, shop.counted, blend) };
    case "ema":
      return vectors(name, shop, makeEma(items, { rate }), metric);
    case "fold-in":
      return vectors(
        name,
        shop,
        makeFoldIn(items, { decay, regularization, alpha, weights: shop.set.types.weights }),
        metric,
      );
  }
};

export const everyLearner: Lineup = (shop) => {
  const { blend, decay, learner, metric, model, rate } = shop.parameters;
  const served = (name: string, setting: EvaluateParameters["learner"]): Compared => {
    const learning = { learner: setting, rate, decay, blend };
    const compared = byRecipe(name, shop, {
      learning,
      metric: setting === learner ? metric : "dot",
      parameters: model,
    });
    return { ...compared, contestant: { ...compared.contestant, setting } };
  };
  return [
    { contestant: byCounts("popularity", shop.recent()) },
    { contestant: byCounts("popularity, fading", shop.popularity.scores) },
    vectors("ALS, frozen", shop),
    served("ALS + EMA", "ema"),
    served("ALS + fold-in", "fold-in"),
    { contestant: byBlend("item-kNN", shop, shop.counted, { ...blend, ...followersAlone }) },
    { contestant: byBlend("blend, frozen", shop, shop.trained, blend) },
    served("blend", "blend"),
  ];
};

/** What `tune` found, beside them; `factors` are of its parameters. */
export const andTuned =
  (recipe: Recipe, factors: Factors): Lineup =>
  (shop) => [...everyLearner(shop), byRecipe("tuned", withFactors(shop, factors), recipe)];
