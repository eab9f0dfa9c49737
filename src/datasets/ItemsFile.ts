/**
 * ItemsFile: the shop's items file as raw/articles holds it. Where one was given, only its items are recommended.
 *
 * Every importer marks its rows by `listed`. Version 0.1.0 knew no such column and made a table of the events' ids where
 * no items file was given: a table whose rows hold nothing but ids is none.
 */
import { Effect, Option, Stream } from "effect";
import type { ColumnBatch } from "../domain/Columns.ts";
import { type ItemMetadata, itemMetadataFields } from "../domain/Item.ts";
import { rawArticles } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { ifThere } from "./IfThere.ts";

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

/** Hands each row to `use`: its id and metadata, empty text for an empty cell. */
export const eachListed = (
  version: number,
  use: (articleId: string, metadata: () => ItemMetadata) => void,
): Effect.Effect<void, TableError, Tables> =>
  Effect.flatMap(Tables, (tables) =>
    tables.read(rawArticles.name, { columns: itemMetadataFields, version }).pipe(
      Stream.runForEach(({ rows, columns }) =>
        Effect.sync(() => {
          const cells = itemMetadataFields.map((field) => columns[field] as ArrayLike<string | null>);
          for (let row = 0; row < rows; row++) {
            use(
              cells[0][row] ?? "",
              () =>
                Object.fromEntries(
                  itemMetadataFields.map((field, f) => [field, cells[f][row] ?? ""]),
                ) as unknown as ItemMetadata,
            );
          }
        }),
      ),
    ),
  );

/** The ids of the items file; undefined where none was given, so that every item counts. */
export const listedIds: Effect.Effect<ReadonlySet<string> | undefined, TableError, Tables> = Effect.gen(function* () {
  const version = yield* itemsFile();
  if (version === undefined) return undefined;
  const ids = new Set<string>();
  yield* eachListed(version, (articleId) => ids.add(articleId));
  return ids;
});
