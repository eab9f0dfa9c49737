/** Filters: which items a request lets through, as the item index understands it and for lists made without it. */
import type { ItemMetadata } from "../domain/Item.ts";
import type { Catalogue, ItemFilter } from "../ports/ItemIndex.ts";

export interface Filters {
  readonly productGroup?: string | undefined;
  readonly productType?: string | undefined;
  /** Article ids or, failing that, item indices. Unknown ones exclude nothing. */
  readonly excludeIds: ReadonlyArray<string>;
  readonly excludeGroups: ReadonlyArray<string>;
  readonly excludeTypes: ReadonlyArray<string>;
}

const wholeNumber = /^\d{1,10}$/;

const indexOf = (id: string, catalogue: Catalogue | undefined): number | undefined => {
  const row = catalogue?.rowOf(id);
  if (row !== undefined) return catalogue?.itemIdx[row];
  return wholeNumber.test(id) ? Number(id) : undefined;
};

export const itemFilter = (
  filters: Filters,
  bought: ReadonlyArray<number>,
  catalogue: Catalogue | undefined,
): ItemFilter => {
  const excludeItems = new Set(bought);
  for (const id of filters.excludeIds) {
    const itemIdx = indexOf(id, catalogue);
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

/** Whether an item passes. One without metadata passes only where neither group nor type is wanted. */
export const passes = (filter: ItemFilter, itemIdx: number, metadata: ItemMetadata | null): boolean => {
  if (filter.excludeItems?.has(itemIdx)) return false;
  if (metadata === null) return filter.productGroup === undefined && filter.productType === undefined;
  const { product_group_name: group, product_type_name: type } = metadata;
  return (
    (filter.productGroup === undefined || filter.productGroup === group) &&
    (filter.productType === undefined || filter.productType === type) &&
    !filter.excludeGroups?.includes(group) &&
    !filter.excludeTypes?.includes(type)
  );
};
