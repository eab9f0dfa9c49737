/** ItemTables: what preprocess and the shop's items file say of each item, at a snapshot's versions. */
import { Effect, Stream } from "effect";
import type { Item, ItemMetadata } from "../domain/Item.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { itemMap, itemStats, rawArticles } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { eachListed, itemsFile } from "./ItemsFile.ts";
import { readIds } from "./StoredIds.ts";
import { type TrainingDataError, versionOf } from "./TrainingData.ts";

const emptyMetadata: ItemMetadata = {
  article_id: "",
  prod_name: "",
  product_type_name: "",
  product_group_name: "",
  graphical_appearance_name: "",
  index_group_name: "",
};

/** By item index; none for a snapshot of a version that did not count them. */
const readBuyers = (snapshot: TrainingSnapshot) =>
  Effect.gen(function* () {
    const buyers: Array<number> = [];
    const version = snapshot.tables[itemStats.name];
    if (version === undefined) return buyers;
    const tables = yield* Tables;
    yield* tables.read(itemStats.name, { version }).pipe(
      Stream.runForEach(({ rows, columns }) =>
        Effect.sync(() => {
          const items = columns.item_idx as ArrayLike<number>;
          const counts = columns.buyers as ArrayLike<number>;
          for (let row = 0; row < rows; row++) buyers[items[row]] = counts[row];
        }),
      ),
    );
    return buyers;
  });

/** An item before its vector is known. */
export interface KnownItem extends Omit<Item, "available"> {
  /** Whether the items file has it; undefined where none was given. */
  readonly listed: boolean | undefined;
}

/**
 * Every item by its index. One without a row in the items file has its id and empty fields. Of two rows the first
 * counts.
 */
export const readItems = (
  snapshot: TrainingSnapshot,
): Effect.Effect<ReadonlyArray<KnownItem>, TrainingDataError | TableError, Tables> =>
  Effect.gen(function* () {
    const ids = yield* Effect.flatMap(versionOf(snapshot, itemMap), (version) => readIds(itemMap, version));
    const buyers = yield* readBuyers(snapshot);
    const articles = snapshot.tables[rawArticles.name];
    const file = articles === undefined ? undefined : yield* itemsFile(articles);
    const items = ids.map(
      (article_id, itemIdx): KnownItem => ({
        itemIdx,
        metadata: { ...emptyMetadata, article_id },
        listed: file === undefined ? undefined : false,
        buyers: buyers[itemIdx] ?? 0,
      }),
    );
    if (file === undefined) return items;
    const wanted = new Map(ids.map((id, i) => [id, i]));
    yield* eachListed(file, (articleId, metadata) => {
      const itemIdx = wanted.get(articleId);
      if (itemIdx === undefined) return;
      wanted.delete(articleId);
      items[itemIdx] = { ...items[itemIdx], metadata: metadata(), listed: true };
    });
    return items;
  });
