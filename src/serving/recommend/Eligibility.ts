/**
 * Eligibility: which items an answer may hold. One rule, used first, as the item index understands it, and last, on every
 * candidate, whichever source proposes it.
 */
import type { ItemMetadata } from "../../domain/Item.ts";
import type { UserState } from "../../domain/UserState.ts";
import { allOf, anyOf, type Where } from "../../domain/Where.ts";
import type { ModelItems, Within } from "../../ports/ItemIndex.ts";
import type { Candidate } from "./Candidate.ts";
import type { Filters, RecommendQuery } from "./Query.ts";

/** An index as it is written in a path or a list. */
const index = /^(?:0|[1-9]\d{0,9})$/;
const maxIndex = 2 ** 31 - 1;

/** The internal index that a text spells; undefined where `numericIds`: a number is then an id, known or not. */
export const spelledIndex = (text: string, numericIds: boolean): number | undefined =>
  !numericIds && index.test(text) && Number(text) <= maxIndex ? Number(text) : undefined;

/** How the shop writes the ids of a model's items. */
export interface ItemIds {
  readonly catalogue: ModelItems;
  /** The shop's spelling of an item's id. */
  readonly itemIdOf: (id: string) => string;
  /** Whether some id is a whole number, or may be. */
  readonly numericItemIds: boolean;
}

/** The index of the item that a text names. */
export const itemIdxOf = (id: string, { catalogue, itemIdOf, numericItemIds }: ItemIds): number | undefined => {
  const row = catalogue.rowOf(itemIdOf(id));
  return row === undefined ? spelledIndex(id, numericItemIds) : catalogue.itemIdx[row];
};

/** What the user has had to do with and is to be left out: item indices. What is hidden is whatever is asked for. */
export const seenBy = ({ seen = "bought" }: RecommendQuery, { bought, hidden }: UserState): Iterable<number> =>
  seen === "none" ? hidden : hidden.length === 0 ? bought : [...bought, ...hidden];

/** Names compare exactly as the shop wrote them. Empty lists do not filter. */
export interface ItemFilter {
  readonly productGroup?: string;
  readonly productType?: string;
  readonly excludeItems?: ReadonlySet<number>;
  readonly excludeGroups?: ReadonlyArray<string>;
  readonly excludeTypes?: ReadonlyArray<string>;
}

/** Leaves out `seen`, item indices, besides what the request leaves out. */
export const itemFilter = (filters: Filters, seen: Iterable<number>, ids: ItemIds): ItemFilter => {
  const excludeItems = new Set(seen);
  for (const id of filters.excludeIds) {
    const itemIdx = itemIdxOf(id, ids);
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

/** Whether a candidate may be in the answer. */
export type Gate = (candidate: Candidate) => boolean;

/** Without a catalogue, what is left out item by item is all that is known; see `needsCatalogue`. */
export const makeGate = (filter: ItemFilter, catalogue: ModelItems | undefined): Gate => {
  const isExcluded = (itemIdx: number): boolean => filter.excludeItems?.has(itemIdx) ?? false;
  if (catalogue === undefined) return ({ itemIdx }) => !isExcluded(itemIdx);
  const { available, metadata } = catalogue;
  const passes = passesNames(filter);
  return ({ itemIdx, row }) =>
    row !== undefined && available[row] === 1 && !isExcluded(itemIdx) && passes(metadata[row]);
};

const isText = (attribute: keyof ItemMetadata, value: string): Where => ({
  kind: "compare",
  attribute,
  type: "text",
  by: "=",
  value,
});

const noneOf = (attribute: keyof ItemMetadata, values: ReadonlyArray<string> = []): ReadonlyArray<Where> =>
  values.length === 0 ? [] : [{ kind: "not", of: anyOf(values.map((value) => isText(attribute, value))) }];

/** What the item index is asked for. */
export const withinOf = (filter: ItemFilter, { available, metadata }: ModelItems): Within => {
  const { excludeGroups, excludeItems = new Set<number>(), excludeTypes, productGroup, productType } = filter;
  const passes = passesNames(filter);
  return {
    rows: available.map((one, row) => (one === 1 && passes(metadata[row]) ? 1 : 0)),
    where: allOf([
      ...(productGroup === undefined ? [] : [isText("product_group_name", productGroup)]),
      ...(productType === undefined ? [] : [isText("product_type_name", productType)]),
      ...noneOf("product_group_name", excludeGroups),
      ...noneOf("product_type_name", excludeTypes),
    ]),
    exclude: excludeItems,
  };
};
