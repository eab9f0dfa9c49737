/**
 * NewItems: candidates of which nothing is known but what they are, by how near that lies to a shopper's taste.
 *
 * Of the N that pass the request's filter, n are drawn by the request's seed, and the one of the greatest cosine to the taste is
 * taken: the item of rank r with a probability of about (n/N)(1 − n/N)^(r−1). So what is near is shown most, every item has
 * its turn, and a draw costs the same however many there are.
 */
import { inverseLengths } from "../../kernels/Lengths.ts";
import type { Random } from "../../kernels/Random.ts";
import type { Catalogue, ItemFilter } from "../../ports/ItemIndex.ts";
import { passesNames } from "./Eligibility.ts";

/** Of so many items one is drawn, at most `mostDrawn` in all: the mean rank of what is taken, in a small shop. */
const drawnOf = 10;
const mostDrawn = 256;
/** Filters whose rows are kept; a shop's pages ask for few different ones. */
const keptFilters = 64;

export interface NewItems {
  /** Rows of available new items that pass the filter, `excludeItems` aside. */
  readonly passing: (filter: ItemFilter) => Uint32Array;
  /** Cosine to the taste, times the length of that. */
  readonly nearness: (row: number, taste: Float32Array) => number;
  /** One of `rows`, of those that are `allowed`; undefined where none was drawn. */
  readonly draw: (
    rows: Uint32Array,
    taste: Float32Array,
    random: Random,
    allowed: (row: number) => boolean,
  ) => number | undefined;
}

export const makeNewItems = ({ available, isNew, metadata, rank, vectors }: Catalogue): NewItems => {
  const all = Uint32Array.from(isNew.keys()).filter((row) => isNew[row] === 1 && available[row] === 1);
  const inverse = all.length === 0 ? new Float64Array(0) : inverseLengths(vectors, rank);
  /** By filter, the least recently asked for first. */
  const kept = new Map<string, Uint32Array>();

  const nearness = (row: number, taste: Float32Array): number => {
    let sum = 0;
    for (let f = 0; f < rank; f++) sum += taste[f] * vectors[row * rank + f];
    return sum * inverse[row];
  };

  return {
    nearness,
    passing: (filter) => {
      if (all.length === 0) return all;
      const { excludeGroups = [], excludeTypes = [], productGroup, productType } = filter;
      const key = JSON.stringify([productGroup ?? null, productType ?? null, excludeGroups, excludeTypes]);
      const passes = passesNames(filter);
      const rows = kept.get(key) ?? all.filter((row) => passes(metadata[row]));
      kept.delete(key);
      kept.set(key, rows);
      if (kept.size > keptFilters) kept.delete(kept.keys().next().value!);
      return rows;
    },
    draw: (rows, taste, random, allowed) => {
      let nearest: number | undefined;
      let most = Number.NEGATIVE_INFINITY;
      for (let left = Math.min(mostDrawn, Math.ceil(rows.length / drawnOf)); left > 0; left--) {
        const row = rows[random.below(rows.length)];
        const near = nearness(row, taste);
        if (near > most && allowed(row)) {
          nearest = row;
          most = near;
        }
      }
      return nearest;
    },
  };
};
