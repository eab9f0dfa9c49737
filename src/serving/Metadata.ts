/** Metadata: how answers word an item: the six names of old and its id, from the attributes that it has now. */
import type { LiveItems } from "../catalogue/LiveItems.ts";
import type { ItemMetadata } from "../domain/Item.ts";
import { anyOf, instantOf, type Where } from "../domain/Where.ts";

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

/** Whether answers word an item so: as a text or, where the words are of one, as a number, as true or false, or as a time. */
export const isWorded = (attribute: keyof ItemMetadata, words: string): Where => {
  const is = (type: "text" | "number" | "boolean" | "time", value: string | number | boolean): Where => ({
    kind: "compare",
    attribute,
    type,
    by: "=",
    value,
  });
  const number = Number(words);
  const time = instantOf(words);
  return anyOf([
    is("text", words),
    ...(Number.isFinite(number) && String(number) === words ? [is("number", number)] : []),
    ...(words === "true" || words === "false" ? [is("boolean", words === "true")] : []),
    ...(time === undefined ? [] : [is("time", time)]),
  ]);
};
