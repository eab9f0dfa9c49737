/**
 * CatalogueOrder: all that a model may recommend, the most popular by its batch first and what nobody had to do with last: what
 * answers are filled up from when neither taste nor trend knows enough.
 */
import type { ItemMetadata } from "../../domain/Item.ts";
import type { ModelItems } from "../../ports/ItemIndex.ts";
import type { Candidate } from "./Candidate.ts";
import { type ItemFilter, passesNames } from "./Eligibility.ts";

/** Rows that are available and pass the filter, `excludeItems` aside; ties by buyers of all time, then by smaller item index. */
export type CatalogueOrder = (filter: ItemFilter) => Iterable<number>;

/** Filters whose rows are kept; a shop's pages ask for few different ones. */
const keptFilters = 64;

const byName = (
  order: Uint32Array,
  { metadata }: ModelItems,
  field: keyof ItemMetadata,
): ReadonlyMap<string, ReadonlyArray<number>> => {
  const rows = new Map<string, Array<number>>();
  for (const row of order) {
    const same = rows.get(metadata[row][field]);
    if (same === undefined) rows.set(metadata[row][field], [row]);
    else same.push(row);
  }
  return rows;
};

/** Of `rows` those that pass, looked for only as far as they are asked for, and remembered. */
const lazily = (rows: ArrayLike<number>, passes: (row: number) => boolean): Iterable<number> => {
  const found: Array<number> = [];
  let next = 0;
  return {
    *[Symbol.iterator]() {
      for (let i = 0; ; i++) {
        while (i === found.length && next < rows.length) {
          const row = rows[next++];
          if (passes(row)) found.push(row);
        }
        if (i === found.length) return;
        yield found[i];
      }
    },
  };
};

export const makeCatalogueOrder = (catalogue: ModelItems): CatalogueOrder => {
  const { available, buyers, itemIdx, metadata, popularity } = catalogue;
  const all = Uint32Array.from(itemIdx, (_, row) => row)
    .filter((row) => available[row] === 1)
    .sort((a, b) => popularity[b] - popularity[a] || buyers[b] - buyers[a] || itemIdx[a] - itemIdx[b]);
  const groups = byName(all, catalogue, "product_group_name");
  const types = byName(all, catalogue, "product_type_name");

  const under = (filter: ItemFilter): Iterable<number> => {
    const ofGroup = filter.productGroup === undefined ? all : (groups.get(filter.productGroup) ?? []);
    const ofType = filter.productType === undefined ? all : (types.get(filter.productType) ?? []);
    const passes = passesNames(filter);
    return lazily(ofGroup.length < ofType.length ? ofGroup : ofType, (row) => passes(metadata[row]));
  };

  /** The least recently asked for first. */
  const kept = new Map<string, Iterable<number>>();
  return (filter) => {
    const { productGroup, productType, excludeGroups = [], excludeTypes = [] } = filter;
    const key = JSON.stringify([productGroup ?? null, productType ?? null, excludeGroups, excludeTypes]);
    const rows = kept.get(key) ?? under(filter);
    kept.delete(key);
    kept.set(key, rows);
    if (kept.size > keptFilters) kept.delete(kept.keys().next().value!);
    return rows;
  };
};

/** The rows as candidates, made as far as they are asked for. */
export function* inOrder(rows: Iterable<number>, { itemIdx, popularity }: ModelItems): Iterable<Candidate> {
  for (const row of rows) yield { itemIdx: itemIdx[row], row, source: "catalogue", score: popularity[row] };
}
