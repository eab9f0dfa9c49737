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

const parsed = (attributes: string | null | undefined): ReadonlyArray<[string, AttributeValue]> =>
  attributes === null || attributes === undefined
    ? []
    : Object.entries(JSON.parse(attributes) as Record<string, AttributeValue>).map(([name, value]) => [
        attributePrefix + name,
        value,
      ]);

/** Columns that are fields themselves. */
const fields = ["available", "valid_from", "valid_until"] as const;

export interface ItemRow {
  readonly itemId: string;
  readonly fields: () => Fields;
}

/** The rows of a version of raw/articles, in their order; an empty cell is no field. */
export const itemRows = (version: number): Stream.Stream<ReadonlyArray<ItemRow>, TableError, Tables> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const tables = yield* Tables;
      const { schema } = yield* tables.snapshot(rawArticles.name, version);
      const there = rawArticles.schema.filter(
        ({ name }) => name !== "listed" && schema.some((own) => own.name === name),
      );
      const names = there.map(({ name }) => name);
      const texts = names.filter((name) => ![...fields, "article_id", "attributes"].includes(name));
      return tables.read(rawArticles.name, { columns: names, version }).pipe(
        Stream.map(({ columns, rows }) => {
          const ids = columns.article_id as ArrayLike<string>;
          const cells = columns as Readonly<Record<string, ArrayLike<string | boolean | null> | undefined>>;
          const cellOf = (name: string, row: number) => cells[name]?.[row] ?? null;
          return Array.from(
            { length: rows },
            (_, row): ItemRow => ({
              itemId: ids[row],
              fields: () =>
                Object.fromEntries([
                  ...texts.flatMap((name): ReadonlyArray<[string, AttributeValue]> => {
                    const text = cellOf(name, row);
                    return typeof text === "string" && text !== "" ? [[nameOf(name), typed(name, text)]] : [];
                  }),
                  ...fields.flatMap((name): ReadonlyArray<[string, AttributeValue]> => {
                    const value = cellOf(name, row);
                    return value === null ? [] : [[name, value]];
                  }),
                  ...parsed(cellOf("attributes", row) as string | null),
                ]),
            }),
          );
        }),
      );
    }),
  );

/** Hands each row to `use`. */
export const eachItemRow = (
  version: number,
  use: (itemId: string, fields: () => Fields) => void,
): Effect.Effect<void, TableError, Tables> =>
  Stream.runForEach(itemRows(version), (rows) =>
    Effect.sync(() => {
      for (const { fields, itemId } of rows) use(itemId, fields);
    }),
  );
