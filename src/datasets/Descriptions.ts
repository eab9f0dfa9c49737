/** Descriptions: what the shop's items file says of each item, as words to learn from. */
import { Effect, Stream } from "effect";
import type { Description } from "../domain/Item.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { itemMap, rawArticles } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { itemsFile } from "./ItemsFile.ts";
import { readIds } from "./StoredIds.ts";
import { type TrainingDataError, versionOf } from "./TrainingData.ts";

const nameColumn = "prod_name";

/** What is compared as it is written. */
const fieldColumns = [
  "product_type_name",
  "product_group_name",
  "graphical_appearance_name",
  "colour_group_name",
  "perceived_colour_master_name",
  "department_name",
  "index_group_name",
  "section_name",
  "garment_group_name",
] as const;

const nothing: Description = { name: "", fields: [] };

/** Every item by its index; undefined for one that is not in the items file. Of two rows of an item the first counts. */
export const readDescriptions = (
  snapshot: TrainingSnapshot,
): Effect.Effect<ReadonlyArray<Description | undefined>, TrainingDataError | TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const ids = yield* Effect.flatMap(versionOf(snapshot, itemMap), (version) => readIds(itemMap, version));
    const descriptions = ids.map((): Description | undefined => undefined);
    const articles = snapshot.tables[rawArticles.name];
    const version = articles === undefined ? undefined : yield* itemsFile(articles);
    if (version === undefined) return descriptions;
    const written = new Set((yield* tables.snapshot(rawArticles.name, version)).schema.map(({ name }) => name));
    const there = [nameColumn, ...fieldColumns].filter((column) => written.has(column));
    const indices = new Map(ids.map((id, itemIdx) => [id, itemIdx]));
    const columnsRead = ["article_id", ...there];
    yield* tables.read(rawArticles.name, { columns: columnsRead, version }).pipe(
      Stream.runForEach(({ columns, rows }) =>
        Effect.sync(() => {
          const cellsOf = (column: string) => columns[column] as ArrayLike<string | null> | undefined;
          const articleIds = cellsOf("article_id");
          const names = cellsOf(nameColumn);
          const fields = fieldColumns.map(cellsOf);
          for (let row = 0; row < rows; row++) {
            const itemIdx = indices.get(articleIds?.[row] ?? "");
            if (itemIdx === undefined) continue;
            indices.delete(articleIds?.[row] ?? "");
            descriptions[itemIdx] = {
              name: names?.[row] ?? nothing.name,
              fields: fields.map((cells) => cells?.[row] ?? ""),
            };
          }
        }),
      ),
    );
    return descriptions;
  });
