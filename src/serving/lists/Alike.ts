/** Alike: which items are of an item's own type, and which of its own group, as the shop has them now. */
import type { LiveItems } from "../../catalogue/LiveItems.ts";
import { isWorded, wordedBy } from "../Metadata.ts";
import type { ServingItems } from "../ServingItems.ts";

const names = ["product_type_name", "product_group_name"] as const;

/** By row, the closest first; what the shop does not tell of the item is left out. `row`: undefined where it has none. */
export const aliked = (
  live: LiveItems,
  { matcher, metadata }: Pick<ServingItems, "matcher" | "metadata">,
  row: number | undefined,
  itemIdx: number,
): ReadonlyArray<(row: number) => boolean> => {
  const own = row === undefined ? wordedBy(live, itemIdx) : metadata(row);
  return names.flatMap((attribute) => (own[attribute] === "" ? [] : [matcher(isWorded(attribute, own[attribute]))]));
};
