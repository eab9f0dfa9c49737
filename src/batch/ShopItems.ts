/**
 * ShopItems: what a batch does with the catalogue before it reads a row: indices that were given without it are adopted, the items
 * file becomes words about its items, and item_map has all items that there are.
 */
import { Effect, Stream } from "effect";
import { ifThere } from "../datasets/IfThere.ts";
import { itemsFile } from "../datasets/ItemsFile.ts";
import { rawArticles, shopItems } from "../domain/TableSchemas.ts";
import { Catalogue, type CatalogueError } from "../ports/Catalogue.ts";
import { type TableError, type TableSnapshot, Tables } from "../ports/Tables.ts";
import { readNotes, type SnapshotRow } from "./Carried.ts";
import { type Aligned, alignItems } from "./ItemIndices.ts";
import { allotRows, takeItemsFile } from "./ItemsFromFile.ts";

export interface ShopItems extends Aligned {
  readonly articles: TableSnapshot | undefined;
  /** Whether raw/articles is an items file. */
  readonly hasFile: boolean;
  /** For the next run: which file it was, and up to which change the catalogue is known. */
  readonly notes: ReadonlyArray<SnapshotRow>;
}

/** Under these names the training snapshot counts. */
export const changeNote = "catalogueChange";
const fileNote = "itemsFileWrittenAt";

/** The number of the catalogue's last change, which is `after` or later. */
const standing = (after: number) =>
  Effect.gen(function* () {
    const catalogue = yield* Catalogue;
    let number = after;
    yield* catalogue.changes(after).pipe(
      Stream.takeUntil(({ isLast }) => isLast),
      Stream.runForEach((changed) =>
        Effect.sync(() => {
          number = changed.number;
        }),
      ),
    );
    return number;
  });

export const prepareItems: Effect.Effect<ShopItems, CatalogueError | TableError, Catalogue | Tables> = Effect.gen(
  function* () {
    const tables = yield* Tables;
    const articles = yield* ifThere(tables.snapshot(rawArticles.name));
    const file = articles === undefined ? undefined : yield* itemsFile(articles.version);
    const noted = yield* readNotes;
    const aligned = yield* alignItems;
    // A catalogue that knew all has what was said to it.
    const goesOn = aligned.map === "kept" && noted?.versions.has(shopItems.name) === true;
    const writtenAt = Math.trunc(articles?.writtenAt ?? 0);
    const isKnown = goesOn && noted.counts.get(fileNote) === BigInt(writtenAt);
    if (articles !== undefined && !isKnown) {
      if (file === undefined) yield* allotRows(articles.version);
      else {
        const { changed, gone } = yield* takeItemsFile(file, writtenAt);
        yield* Effect.logInfo(
          `The items file says something new of ${changed} items, and lacks ${gone} that were available.`,
        );
      }
      yield* alignItems;
    }
    const number = yield* standing(goesOn ? Number(noted.counts.get(changeNote) ?? 0n) : 0);
    return {
      ...aligned,
      articles,
      hasFile: file !== undefined,
      notes: [
        { kind: "count", key: fileNote, value: BigInt(writtenAt) },
        { kind: "count", key: changeNote, value: BigInt(number) },
      ],
    };
  },
);
