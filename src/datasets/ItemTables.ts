/** ItemTables: what preprocess and the shop say of each item, at a snapshot's versions. */
import { Effect, Stream } from "effect";
import type { Item } from "../domain/Item.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { itemMap, itemStats, rawArticles } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { eachItemRow } from "./ItemRows.ts";
import { itemsFile } from "./ItemsFile.ts";
import { metadataOf, shopItemsOf } from "./ShopItems.ts";
import { readIds } from "./StoredIds.ts";
import { type TrainingDataError, versionOf } from "./TrainingData.ts";

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
  /** Whether it is for sale; undefined where nothing was said of it and no items file was given. */
  readonly listed: boolean | undefined;
}

/** Every item by its index, by the items file, as snapshots of before have it. Of two rows the first counts. */
const readListed = (snapshot: TrainingSnapshot, items: Array<KnownItem>) =>
  Effect.gen(function* () {
    const articles = snapshot.tables[rawArticles.name];
    const file = articles === undefined ? undefined : yield* itemsFile(articles);
    if (file === undefined) return;
    const wanted = new Map(items.map(({ metadata }, i) => [metadata.article_id, i]));
    items.forEach((item, i) => {
      items[i] = { ...item, listed: false };
    });
    yield* eachItemRow(file, (id, fields) => {
      const itemIdx = wanted.get(id);
      if (itemIdx === undefined) return;
      wanted.delete(id);
      items[itemIdx] = { ...items[itemIdx], metadata: metadataOf(id, fields()), listed: true };
    });
  });

/** Every item by its index. One of which nothing was said has its id and empty fields. */
export const readItems = (
  snapshot: TrainingSnapshot,
): Effect.Effect<ReadonlyArray<KnownItem>, TrainingDataError | TableError, Tables> =>
  Effect.gen(function* () {
    const ids = yield* Effect.flatMap(versionOf(snapshot, itemMap), (version) => readIds(itemMap, version));
    const buyers = yield* readBuyers(snapshot);
    const items = ids.map(
      (id, itemIdx): KnownItem => ({
        itemIdx,
        metadata: metadataOf(id, {}),
        listed: undefined,
        buyers: buyers[itemIdx] ?? 0,
      }),
    );
    const found = shopItemsOf(snapshot);
    if (found === undefined) yield* readListed(snapshot, items);
    else {
      yield* Stream.runForEach(found, (rows) =>
        Effect.sync(() => {
          for (const { available, fields, itemId, itemIdx } of rows) {
            items[itemIdx] = { ...items[itemIdx], metadata: metadataOf(itemId, fields()), listed: available };
          }
        }),
      );
    }
    return items;
  });
