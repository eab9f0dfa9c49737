/** ShopItems: the items that a batch found in the catalogue, from the table processed/items, where a snapshot names one. */
import { Effect, Stream } from "effect";
import { featuresOf } from "../domain/Features.ts";
import { type ItemMetadata, itemMetadataFields } from "../domain/Item.ts";
import { type AttributeValue, attributePrefix, type Fields } from "../domain/ItemRecord.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { shopItems } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";

export interface ShopItem {
  readonly itemIdx: number;
  readonly itemId: string;
  /** Undefined: nothing was said of it, and there was no items file. */
  readonly available: boolean | undefined;
  /** Title and attributes. */
  readonly fields: () => Fields;
  /** Whether there are any, or might be: it is for sale. */
  readonly isDescribed: boolean;
}

/** Undefined where the snapshot, as those of before, names none. */
export const shopItemsOf = (
  snapshot: TrainingSnapshot,
): Stream.Stream<ReadonlyArray<ShopItem>, TableError, Tables> | undefined => {
  const version = snapshot.tables[shopItems.name];
  if (version === undefined) return undefined;
  return Stream.unwrap(Effect.map(Tables, (tables) => tables.read(shopItems.name, { version }))).pipe(
    Stream.map(({ columns, rows }) => {
      const { attributes, available, item_id, item_idx, title } = columns as Readonly<
        Record<string, ArrayLike<string | number | boolean | null>>
      >;
      return Array.from({ length: rows }, (_, row): ShopItem => {
        const [name, json] = [title[row] as string | null, attributes[row] as string | null];
        return {
          itemIdx: item_idx[row] as number,
          itemId: item_id[row] as string,
          available: (available[row] as boolean | null) ?? undefined,
          isDescribed: available[row] === true || name !== null || json !== null,
          fields: () =>
            Object.fromEntries([
              ...(name === null ? [] : [["title", name] as const]),
              ...Object.entries(json === null ? {} : (JSON.parse(json) as Record<string, AttributeValue>)).map(
                ([attribute, value]) => [attributePrefix + attribute, value] as const,
              ),
            ]),
        };
      });
    }),
  );
};

/** Features of an item that something is known of. */
export const describedBy = (item: ShopItem): ReadonlyArray<string> | undefined =>
  item.isDescribed ? featuresOf(item.fields()) : undefined;

/** What answers carry: attributes of these names, as text; of the name, the title where there is no such attribute. */
export const metadataOf = (itemId: string, fields: Fields): ItemMetadata => {
  const textOf = (name: string): string => {
    const value = fields[attributePrefix + name] ?? (name === "prod_name" ? fields.title : undefined);
    return value === undefined || typeof value === "object" ? "" : String(value);
  };
  const named = itemMetadataFields.map((name) => [name, name === "article_id" ? itemId : textOf(name)]);
  return Object.fromEntries(named) as ItemMetadata;
};
