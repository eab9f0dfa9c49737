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

/** Hands each row of a version of the items file to `use`. */
const eachDescription = (version: number, use: (articleId: string, description: () => Description) => void) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const { schema } = yield* tables.snapshot(rawArticles.name, version);
    const written = new Set(schema.map(({ name }) => name));
    const there = [nameColumn, ...fieldColumns].filter((column) => written.has(column));
    yield* tables.read(rawArticles.name, { columns: ["article_id", ...there], version }).pipe(
      Stream.runForEach(({ columns, rows }) =>
        Effect.sync(() => {
          const cellsOf = (column: string) => columns[column] as ArrayLike<string | null> | undefined;
          const articleIds = cellsOf("article_id");
          const names = cellsOf(nameColumn);
          const fields = fieldColumns.map(cellsOf);
          for (let row = 0; row < rows; row++) {
            use(articleIds?.[row] ?? "", () => ({
              name: names?.[row] ?? "",
              fields: fields.map((cells) => cells?.[row] ?? ""),
            }));
          }
        }),
      ),
    );
  });

/**
 * By the index of each of `ids`, and behind them those of all other items; undefined for one that is not in the items file.
 * Undefined without such a file, of which `at` is the version of raw/articles, by default the newest. Of two rows of an
 * item the first counts.
 */
export const describeItems = (ids: ReadonlyArray<string>, at?: number) =>
  Effect.gen(function* () {
    const version = yield* itemsFile(at);
    if (version === undefined) return undefined;
    const descriptions = ids.map((): Description | undefined => undefined);
    const indices = new Map(ids.map((id, index) => [id, index]));
    yield* eachDescription(version, (id, description) => {
      const index = indices.get(id) ?? descriptions.length;
      if (descriptions[index] !== undefined) return;
      indices.set(id, index);
      descriptions[index] = description();
    });
    return descriptions;
  });

/** Every item of a snapshot by its index; undefined for one that is not in the items file. */
export const readDescriptions = (
  snapshot: TrainingSnapshot,
): Effect.Effect<ReadonlyArray<Description | undefined>, TrainingDataError | TableError, Tables> =>
  Effect.gen(function* () {
    const ids = yield* Effect.flatMap(versionOf(snapshot, itemMap), (version) => readIds(itemMap, version));
    const articles = snapshot.tables[rawArticles.name];
    const found = articles === undefined ? undefined : yield* describeItems(ids, articles);
    return ids.map((_, itemIdx) => found?.[itemIdx]);
  });
