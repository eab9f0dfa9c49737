/**
 * ItemsFile: the shop's items file as raw/articles holds it, and which items are for sale.
 *
 * Every importer marks its rows by `listed`. Version 0.1.0 knew no such column and made a table of the events' ids where
 * no items file was given: a table whose rows hold nothing but ids is none.
 */
import { Effect, Option, Stream } from "effect";
import type { ColumnBatch } from "../domain/Columns.ts";
import { rawArticles } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { ifThere } from "./IfThere.ts";
import { eachItemRow } from "./ItemRows.ts";
import { shopItemsOf } from "./ShopItems.ts";
import { readSnapshot } from "./TrainingData.ts";

const holdsMore = ({ rows, columns }: ColumnBatch): boolean =>
  Object.values(columns).some((column) => {
    for (let i = 0; i < rows; i++) if (column[i] !== null) return true;
    return false;
  });

/** The version of raw/articles that holds the items file, by default the newest; undefined where none was given. */
export const itemsFile = (at?: number): Effect.Effect<number | undefined, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const snapshot = yield* ifThere(tables.snapshot(rawArticles.name, at));
    if (snapshot === undefined || snapshot.rows === 0) return undefined;
    const { version } = snapshot;
    const columns = snapshot.schema.map(({ name }) => name).filter((name) => name !== "article_id");
    const found = yield* tables
      .read(rawArticles.name, { columns, version })
      .pipe(Stream.filter(holdsMore), Stream.runHead);
    return Option.isSome(found) ? version : undefined;
  });

/** The ids of the items that may be sold, by the last batch's view of the catalogue, or by the items file; undefined: all may. */
export const listedIds: Effect.Effect<ReadonlySet<string> | undefined, TableError, Tables> = Effect.gen(function* () {
  const snapshot = Option.getOrUndefined(yield* Effect.option(readSnapshot));
  const found = snapshot === undefined ? undefined : shopItemsOf(snapshot);
  const ids = new Set<string>();
  if (found !== undefined) {
    let isAll = true;
    yield* Stream.runForEach(found, (rows) =>
      Effect.sync(() => {
        for (const { available, itemId } of rows) {
          if (available === false) isAll = false;
          else ids.add(itemId);
        }
      }),
    );
    return isAll ? undefined : ids;
  }
  const version = yield* itemsFile();
  if (version === undefined) return undefined;
  yield* eachItemRow(version, (itemId) => ids.add(itemId));
  return ids;
});
