/** Arms: every way to learn that a trial measures, as contestants on the same vectors: one for each cell of each arm. */

import type { Ask } from "../evaluation/Ask.ts";
import { itemsOf } from "../evaluation/BlendLists.ts";
import { byVector, type Contestant, makeShopperVectors } from "../evaluation/Contestant.ts";
import type { Shop } from "../evaluation/LiveShop.ts";
import { makeEma } from "../learning/Ema.ts";
import { makeFoldIn } from "../learning/FoldIn.ts";
import { makeBlendGrid } from "./BlendGrid.ts";
import type { Arm, Cell } from "./Space.ts";

const vectorsOf = (shop: Shop, { learner, step }: Arm) => {
  const items = itemsOf(shop.factors);
  const { alpha, regularization } = shop.parameters.model;
  return makeShopperVectors(
    shop,
    learner === "ema"
      ? makeEma(items, { rate: step })
      : makeFoldIn(items, { decay: step, regularization, alpha, weights: shop.set.types.weights }),
  );
};

/** In the order of the cells. */
export const contestantsOf = (shop: Shop, arm: Arm, cells: ReadonlyArray<Cell>): ReadonlyArray<Contestant> => {
  const name = `${arm.learner} ${arm.step}`;
  if (arm.learner !== "blend") {
    const vectors = vectorsOf(shop, arm);
    return cells.map(({ metric }) => byVector(name, shop, vectors, metric));
  }
  const grid = makeBlendGrid(shop, arm.step, cells);
  let asked: Ask | undefined;
  let ranks: ArrayLike<number> = [];
  return cells.map((_, cell) => ({
    name,
    rank: (ask) => {
      if (ask !== asked) ranks = grid(ask);
      asked = ask;
      return ranks[cell];
    },
  }));
};
