/** Masks: which rows pass a filter, one byte per row, as the scan wants it. */
import type { ItemMetadata } from "../../../src/domain/Item.ts";
import type { ItemFilter } from "../../../src/ports/ItemIndex.ts";
import type { Items } from "../Items.ts";

/** Filters whose masks are kept; a shop's pages ask for few different ones. */
const keptMasks = 64;

/** Rows of each name of one field. */
const rowsByName = (metadata: ReadonlyArray<ItemMetadata>, field: keyof ItemMetadata): Map<string, Array<number>> => {
  const rows = new Map<string, Array<number>>();
  metadata.forEach((item, row) => {
    const same = rows.get(item[field]);
    if (same === undefined) rows.set(item[field], [row]);
    else same.push(row);
  });
  return rows;
};

/** Answers the mask of a filter: available rows that pass it, are not new, and whose vector is not zero. */
export const makeMasks = (
  { rank, vectors, metadata, available, isNew }: Items,
  rowOfIdx: (itemIdx: number) => number | undefined,
): ((filter: ItemFilter) => Uint8Array) => {
  const groups = rowsByName(metadata, "product_group_name");
  const types = rowsByName(metadata, "product_type_name");
  const findable = Uint8Array.from(metadata, (_, row) => {
    if (available[row] === 0 || isNew[row] === 1) return 0;
    for (let at = row * rank; at < (row + 1) * rank; at++) if (vectors[at] !== 0) return 1;
    return 0;
  });

  const keep = (mask: Uint8Array, rows: ReadonlyArray<number>): Uint8Array => {
    const kept = new Uint8Array(mask.length);
    for (const row of rows) kept[row] = mask[row]!;
    return kept;
  };
  const remove = (mask: Uint8Array, rows: ReadonlyArray<number>): void => {
    for (const row of rows) mask[row] = 0;
  };

  const build = ({ productGroup, productType, excludeGroups = [], excludeTypes = [] }: ItemFilter): Uint8Array => {
    let mask: Uint8Array = findable.slice();
    if (productGroup !== undefined) mask = keep(mask, groups.get(productGroup) ?? []);
    if (productType !== undefined) mask = keep(mask, types.get(productType) ?? []);
    for (const name of excludeGroups) remove(mask, groups.get(name) ?? []);
    for (const name of excludeTypes) remove(mask, types.get(name) ?? []);
    return mask;
  };

  /** By filter, the least recently asked for first. */
  const cache = new Map<string, Uint8Array>();
  const cached = (filter: ItemFilter): Uint8Array => {
    const { productGroup, productType, excludeGroups = [], excludeTypes = [] } = filter;
    const key = JSON.stringify([productGroup ?? null, productType ?? null, excludeGroups, excludeTypes]);
    const mask = cache.get(key) ?? build(filter);
    cache.delete(key);
    cache.set(key, mask);
    if (cache.size > keptMasks) cache.delete(cache.keys().next().value!);
    return mask;
  };

  return (filter) => {
    const mask = cached(filter);
    if (filter.excludeItems === undefined || filter.excludeItems.size === 0) return mask;
    const own = mask.slice();
    for (const itemIdx of filter.excludeItems) {
      const row = rowOfIdx(itemIdx);
      if (row !== undefined) own[row] = 0;
    }
    return own;
  };
};
