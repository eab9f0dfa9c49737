/**
 * Filters: which items an answer may hold. One rule, used first, as the item index understands it, and last, on every
 * item of the list, wherever it came from.
 */
import type { ItemMetadata } from "../../domain/Item.ts";
import type { ItemFilter } from "../../ports/ItemIndex.ts";
import type { Serving } from "../ServingModel.ts";

export interface Filters {
  readonly productGroup?: string | undefined;
  readonly productType?: string | undefined;
  /** Article ids or, where no id of the shop is a whole number, item indices. Unknown ones exclude nothing. */
  readonly excludeIds: ReadonlyArray<string>;
  readonly excludeGroups: ReadonlyArray<string>;
  readonly excludeTypes: ReadonlyArray<string>;
}

/** An index as it is written in a path or a list. */
const index = /^(?:0|[1-9]\d{0,9})$/;
const maxIndex = 2 ** 31 - 1;

/** The internal index that a text spells; undefined where `numericIds`: a number is then an id, known or not. */
export const spelledIndex = (text: string, numericIds: boolean): number | undefined =>
  !numericIds && index.test(text) && Number(text) <= maxIndex ? Number(text) : undefined;

const itemIdxOf = (id: string, { catalogue, itemIdOf, numericItemIds }: Serving): number | undefined => {
  const row = catalogue.rowOf(itemIdOf(id));
  return row === undefined ? spelledIndex(id, numericItemIds) : catalogue.itemIdx[row];
};

/** Leaves out `seen`, item indices, besides what the request leaves out. */
export const itemFilter = (filters: Filters, seen: Iterable<number>, serving: Serving): ItemFilter => {
  const excludeItems = new Set(seen);
  for (const id of filters.excludeIds) {
    const itemIdx = itemIdxOf(id, serving);
    if (itemIdx !== undefined) excludeItems.add(itemIdx);
  }
  return {
    ...(filters.productGroup === undefined ? {} : { productGroup: filters.productGroup }),
    ...(filters.productType === undefined ? {} : { productType: filters.productType }),
    excludeItems,
    excludeGroups: filters.excludeGroups,
    excludeTypes: filters.excludeTypes,
  };
};

/** Whether the filters are about more than who asks: then a catalogue must tell. */
export const needsCatalogue = ({ productGroup, productType, ...filters }: Filters): boolean =>
  productGroup !== undefined ||
  productType !== undefined ||
  filters.excludeIds.length + filters.excludeGroups.length + filters.excludeTypes.length > 0;

/** Whether a group and a type pass; `excludeItems` is not looked at. */
export const passesNames = (filter: ItemFilter): ((metadata: ItemMetadata) => boolean) => {
  const { productGroup, productType } = filter;
  const groups = new Set(filter.excludeGroups);
  const types = new Set(filter.excludeTypes);
  return ({ product_group_name: group, product_type_name: type }) =>
    (productGroup === undefined || productGroup === group) &&
    (productType === undefined || productType === type) &&
    !groups.has(group) &&
    !types.has(type);
};

/** Whether the item of a row of the catalogue may be in an answer. */
export const eligibility = (
  filter: ItemFilter,
  { available, itemIdx, metadata }: Serving["catalogue"],
): ((row: number) => boolean) => {
  const passes = passesNames(filter);
  return (row) => available[row] === 1 && !filter.excludeItems?.has(itemIdx[row]) && passes(metadata[row]);
};
