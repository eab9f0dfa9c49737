/** Item: an article of the shop, as the catalogue shows it. */

export const itemMetadataFields = [
  "article_id",
  "prod_name",
  "product_type_name",
  "product_group_name",
  "graphical_appearance_name",
  "index_group_name",
] as const;

/** The fields that answers carry and filters name; empty string where the shop gave none. */
export type ItemMetadata = Readonly<Record<(typeof itemMetadataFields)[number], string>>;

export interface Item {
  /** Stable across models: an item keeps its index for ever. */
  readonly itemIdx: number;
  readonly metadata: ItemMetadata;
  /**
   * False for an item that the shop's items file lacks or, without such a file, that nobody ever had to do with: known,
   * perhaps learnt from, never recommended.
   */
  readonly available: boolean;
  /** Distinct buyers of all time. */
  readonly buyers: number;
}
