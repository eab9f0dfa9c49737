/**
 * BlendGrid: where the blend places an event's item, by many weights of taste and popularity at once: what a score's parts are
 * does not depend on them, so all cells cost little more than one. The ranks are those of `evaluation/BlendLists.ts`; a list that its
 * candidates leave short, as in a tiny catalogue, is not filled up by popularity here.
 */

import type { Ask } from "../evaluation/Ask.ts";
import { constantsOf, itemsOf } from "../evaluation/BlendLists.ts";
import type { Shop } from "../evaluation/LiveShop.ts";
import { makeBest } from "../kernels/Best.ts";
import { makeBlendKernel } from "../kernels/BlendKernel.ts";
import { inverseLengths } from "../kernels/Lengths.ts";
import { makeRecall } from "../learning/Blend.ts";
import { candidates } from "../learning/BlendScore.ts";
import { makeItemSums } from "../learning/ItemSums.ts";
import type { Cell } from "./Space.ts";

/** Where a candidate comes from, besides what follows: without its weight, a source gives none. */
const [fromTaste, fromTrend, fromFollowers] = [1, 2, 4];

/** By cell, the rank of the ask's row from 1, Infinity beyond the list; until the next ask. */
export type Ranks = (ask: Ask) => Float64Array;

/** `decay` d of `learning/Blend.ts`. */
export const makeBlendGrid = (
  shop: Shop,
  decay: number,
  cells: ReadonlyArray<Pick<Cell, "taste" | "popularity">>,
): Ranks => {
  const { counted, factors, nearTo, popularity, set, trending } = shop;
  const constants = constantsOf(set, { decay });
  const items = itemsOf(factors);
  const { rank, vectors } = items;
  const inverse = inverseLengths(vectors, rank);
  /** Multiplies as serving does, to the bit. */
  const kernel = makeBlendKernel(
    { rank, vectors, inverse },
    { items: 1, lists: 1, entries: 1, kept: 1, mostRows: constants.window },
  );
  const recall = makeRecall(items.rowOfIdx, constants);
  const near = nearTo(constants);
  const following = makeItemSums();
  const best = makeBest();
  const ranks = new Float64Array(cells.length);
  /** By row, its candidate's place + 1; 0: none. */
  const placeOf = new Int32Array(set.items);
  let size = 0;
  let rows = new Uint32Array(1024);
  let sources = new Uint8Array(1024);
  let first = new Float64Array(1024);
  let nearness = new Float64Array(1024);
  let trend = new Float64Array(1024);

  const grow = (): void => {
    const twice = <A extends Uint32Array | Uint8Array | Float64Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    rows = twice(rows, new Uint32Array(2 * size));
    sources = twice(sources, new Uint8Array(2 * size));
    first = twice(first, new Float64Array(2 * size));
    nearness = twice(nearness, new Float64Array(2 * size));
    trend = twice(trend, new Float64Array(2 * size));
  };

  const add = (row: number, source: number, sum: number, weights: number): void => {
    const known = placeOf[row];
    if (known !== 0) {
      sources[known - 1] |= source;
      return;
    }
    if (size === rows.length) grow();
    rows[size] = row;
    sources[size] = source;
    first[size] = sum;
    kernel.rows[0] = row;
    nearness[size] = kernel.products(1)[0];
    trend[size] = popularity.total > 0 ? weights * Math.sqrt(popularity.scores[row] / popularity.total) : 0;
    placeOf[row] = ++size;
  };

  const gather = (ask: Ask): number => {
    const { allowed, interactions, most } = ask;
    const history = recall(interactions);
    if (history.size === 0) return 0;
    kernel.rows.set(history.rows);
    kernel.weights.set(history.weights);
    kernel.mix(history.size);
    following.clear();
    for (let i = 0; i < history.size; i++) {
      const list = counted(history.rows[i]);
      if (list === undefined || history.weights[i] === 0) continue;
      following.addRoots(list.items, list.roots, list.from, list.to, history.weights[i]);
    }
    best.reset(Math.max(candidates.followers, 2 * most));
    for (let place = 0; place < following.size(); place++) {
      const row = following.itemAt(place);
      if (allowed[row] !== 0) best.offer(row, following.sumAt(place));
    }
    for (let i = 0; i < best.size(); i++) add(best.rowAt(i), fromFollowers, best.scoreAt(i), history.total);
    const beside = (found: ArrayLike<number>, source: number): void => {
      for (let i = 0; i < found.length; i++) {
        if (allowed[found[i]] !== 0) add(found[i], source, following.of(found[i]), history.total);
      }
    };
    beside(near(ask), fromTaste);
    beside(trending(), fromTrend);
    return history.size;
  };

  return (ask) => {
    const { most, row } = ask;
    for (let i = 0; i < size; i++) placeOf[rows[i]] = 0;
    size = 0;
    if (gather(ask) === 0) return ranks.fill(shop.popularRank(ask));
    const wanted = placeOf[row] - 1;
    for (let cell = 0; cell < cells.length; cell++) {
      const { popularity: pi, taste } = cells[cell];
      const open = fromFollowers | (taste === 0 ? 0 : fromTaste) | (pi === 0 ? 0 : fromTrend);
      ranks[cell] = Number.POSITIVE_INFINITY;
      if (wanted < 0 || (sources[wanted] & open) === 0) continue;
      const own = Math.fround(first[wanted] + taste * nearness[wanted] + pi * trend[wanted]);
      let above = 0;
      for (let i = 0; i < size; i++) {
        if ((sources[i] & open) === 0) continue;
        const score = Math.fround(first[i] + taste * nearness[i] + pi * trend[i]);
        if (score > own || (score === own && rows[i] < row)) above++;
      }
      if (above < most) ranks[cell] = above + 1;
    }
    return ranks;
  };
};
