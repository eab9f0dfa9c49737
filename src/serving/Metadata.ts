/** Metadata: how answers word an item: the six names of old and its id, from the attributes that it has now. */
import type { LiveItems } from "../catalogue/LiveItems.ts";
import type { ItemMetadata } from "../domain/Item.ts";

export type ServedMetadata = ItemMetadata & { readonly item_id: string };

/** By the live catalogue; empty where the item has no such attribute. The name is the title where it has no other. */
export const wordedBy = ({ columns, idOf }: LiveItems, itemIdx: number): ServedMetadata => {
  const text = (name: string): string => {
    const value = columns.valueOf(name, itemIdx);
    return value === undefined ? "" : String(value);
  };
  const id = idOf(itemIdx) ?? "";
  return {
    item_id: id,
    article_id: id,
    prod_name: text("prod_name") || text("title"),
    product_type_name: text("product_type_name"),
    product_group_name: text("product_group_name"),
    graphical_appearance_name: text("graphical_appearance_name"),
    index_group_name: text("index_group_name"),
  };
};
