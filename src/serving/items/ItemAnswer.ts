/** ItemAnswer: an item as the API tells of it. */
import { type AttributeValue, attributePrefix, fieldsOf, newestOf } from "../../domain/ItemRecord.ts";
import type { StoredItem } from "../../ports/Catalogue.ts";
import type { Item } from "./ItemSchema.ts";

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Undefined where nothing was said of it, or where it was taken away. */
export const answerOf = ({ itemId, itemIdx, record }: StoredItem): Item | undefined => {
  if (record === undefined || record.removed) return undefined;
  const fields = fieldsOf(record);
  const attributes: Array<readonly [string, AttributeValue]> = [];
  for (const name in fields) {
    if (name.startsWith(attributePrefix)) attributes.push([name.slice(attributePrefix.length), fields[name]!]);
  }
  return {
    item_id: itemId,
    item_idx: itemIdx,
    title: textOf(fields.title),
    available: fields.available !== false,
    valid_from: textOf(fields.valid_from),
    valid_until: textOf(fields.valid_until),
    // Made of entries, so that no name of an attribute is taken for more than a name.
    attributes: Object.fromEntries(attributes),
    changed_at: new Date(newestOf(record)).toISOString(),
  };
};
