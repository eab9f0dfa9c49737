/** ItemRows: what each row of the shop's items file says of its item, as fields (domain/ItemRecord.ts), from raw/articles. */
import { Effect, Stream } from "effect";
import { type AttributeValue, attributePrefix, type Fields } from "../domain/ItemRecord.ts";
import { rawArticles } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";

/** H&M's columns of numbers; all else of raw/articles is text. */
const numeric = new Set([
  "product_type_no",
  "graphical_appearance_no",
  "perceived_colour_value_id",
  "perceived_colour_master_id",
  "department_no",
  "index_group_no",
  "section_no",
  "garment_group_no",
]);

/** A number where the text is one as it would be written. */
const typed = (column: string, text: string): AttributeValue =>
  numeric.has(column) && String(Number(text)) === text ? Number(text) : text;

const nameOf = (column: string): string => (column === "prod_name" ? "title" : `${attributePrefix}${column}`);

/** Hands each row of a version of raw/articles to `use`: its id, and its fields; an empty cell is none. */
export const eachItemRow = (
  version: number,
  use: (articleId: string, fields: () => Fields) => void,
): Effect.Effect<void, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const { schema } = yield* tables.snapshot(rawArticles.name, version);
    const written = new Set(schema.map(({ name }) => name));
    const own = rawArticles.schema
      .filter(({ name, type }) => type === "string" && written.has(name))
      .map(({ name }) => name);
    yield* tables.read(rawArticles.name, { columns: own, version }).pipe(
      Stream.runForEach(({ columns, rows }) =>
        Effect.sync(() => {
          const cells = own.map((column) => [column, columns[column] as ArrayLike<string | null>] as const);
          const ids = columns.article_id as ArrayLike<string>;
          for (let row = 0; row < rows; row++) {
            use(ids[row], () =>
              Object.fromEntries(
                cells.flatMap(([column, texts]): ReadonlyArray<[string, AttributeValue]> => {
                  const text = texts[row];
                  return column === "article_id" || text === null || text === ""
                    ? []
                    : [[nameOf(column), typed(column, text)]];
                }),
              ),
            );
          }
        }),
      ),
    );
  });
