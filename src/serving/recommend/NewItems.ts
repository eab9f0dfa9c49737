/** NewItems: the items of a model of which nothing is known but what they are; which of them pass a request's filter. */
import { makeNewItemDraw, type NewItemDraw } from "../../learning/NewItemDraw.ts";
import type { ModelItems } from "../../ports/ItemIndex.ts";
import { type ItemFilter, passesNames } from "./Eligibility.ts";

/** Filters whose rows are kept; a shop's pages ask for few different ones. */
const keptFilters = 64;

export interface NewItems extends NewItemDraw {
  /** Rows of available new items that pass the filter, `excludeItems` aside. */
  readonly passing: (filter: ItemFilter) => Uint32Array;
}

export const makeNewItems = ({ available, isNew, metadata, rank, vectors }: ModelItems): NewItems => {
  const all = Uint32Array.from(isNew.keys()).filter((row) => isNew[row] === 1 && available[row] === 1);
  /** By filter, the least recently asked for first. */
  const kept = new Map<string, Uint32Array>();
  return {
    ...makeNewItemDraw(vectors, rank),
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
  };
};
