/** Read: one data file as column batches with the columns asked for, never more of a row group than fits in memory. */
import { Effect, Either, Option, Stream } from "effect";
import { type AsyncBuffer, parquetMetadataAsync, parquetSchema, type RowGroup, type SchemaTree } from "hyparquet";
import type { Column, ColumnBatch, Field } from "../../../../src/domain/Columns.ts";
import type { TableError } from "../../../../src/ports/Tables.ts";
import { fault, reading } from "../TableErrors.ts";
import { openBuffer, type TableObjects } from "../TableObjects.ts";
import { compressors } from "./Codecs.ts";
import { flatColumn, listColumn, type Take } from "./Column.ts";
import { makePages } from "./Pages.ts";
import { conversion } from "./Values.ts";

/** A batch is a row group, or as much of it as has so many rows and bytes, by what the footer tells of its columns. */
const batchRows = 131_072;
const batchBytes = 64 * 1024 * 1024;

/**
 * `fields` may be partition columns, whose value is in `constants`; a column that the file lacks is null, and a fault where
 * it may not be.
 */
export const readParquet = (
  objects: TableObjects,
  path: string,
  fields: ReadonlyArray<Field>,
  constants: ReadonlyMap<string, unknown>,
): Stream.Stream<ColumnBatch, TableError> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { table } = objects;
      const file = yield* openBuffer(objects, path);
      const metadata = yield* reading(table, path, async () => parquetMetadataAsync(file));
      const root = parquetSchema(metadata);
      return Stream.flatMap(Stream.fromIterable(metadata.row_groups), (group) => {
        const rows = Number(group.num_rows);
        const atOnce = rowsAtOnce(group, fields);
        const open = async () => Promise.all(fields.map((field) => takeOf({ file, root, group }, field, constants)));
        return Stream.unwrap(
          Effect.map(reading(table, path, open), (takes) =>
            Stream.unfoldEffect(rows, (left) => {
              const count = Math.min(atOnce, left);
              return count === 0
                ? Effect.succeedNone
                : Effect.map(
                    reading(table, path, () => takeBatch(fields, takes, count)),
                    (batch) => Option.some([batch, left - count] as const),
                  );
            }),
          ),
        );
      });
    }),
  );

/** Rows of a data file by its footer. */
export const countRows = (objects: TableObjects, path: string): Effect.Effect<number, TableError> =>
  openBuffer(objects, path).pipe(
    Effect.flatMap((file) => reading(objects.table, path, async () => parquetMetadataAsync(file))),
    Effect.map(({ num_rows }) => Number(num_rows)),
    Effect.scoped,
  );

const rowsAtOnce = ({ columns, num_rows }: RowGroup, fields: ReadonlyArray<Field>): number => {
  const bytes = columns.reduce((sum, { meta_data }) => {
    const wanted = fields.some(({ name }) => name === meta_data?.path_in_schema[0]);
    return wanted ? sum + Number(meta_data?.total_uncompressed_size ?? 0) : sum;
  }, 0);
  return Math.max(1, Math.min(batchRows, Math.floor((batchBytes / Math.max(1, bytes)) * Number(num_rows))));
};

const takeBatch = async (
  fields: ReadonlyArray<Field>,
  takes: ReadonlyArray<Take>,
  rows: number,
): Promise<ColumnBatch> => {
  const columns: Record<string, Column> = {};
  for (const [i, { name }] of fields.entries()) columns[name] = await takes[i]!(rows);
  return { rows, columns };
};

const constantColumn =
  (value: unknown): Take =>
  async (rows) =>
    new Array<unknown>(rows).fill(value);

/** From a column down to its leaf; ends early where it has several. */
const pathOf = (tree: SchemaTree): Array<SchemaTree> => {
  const [child, ...others] = tree.children;
  return child === undefined || others.length > 0 ? [tree] : [tree, ...pathOf(child)];
};

/** The definition level of what is as deep as `path`. */
const depthOf = (path: ReadonlyArray<SchemaTree>): number =>
  path.filter(({ element }) => element.repetition_type !== "REQUIRED").length;

interface Place {
  readonly file: AsyncBuffer;
  readonly root: SchemaTree;
  readonly group: RowGroup;
}

const takeOf = (
  { file, group, root }: Place,
  { name, nullable, type }: Field,
  constants: ReadonlyMap<string, unknown>,
): Promise<Take> => {
  if (constants.has(name)) return Promise.resolve(constantColumn(constants.get(name)));
  const tree = root.children.find(({ element }) => element.name === name);
  if (tree === undefined) {
    return nullable
      ? Promise.resolve(constantColumn(null))
      : fault("SchemaMismatch", `column ${name} may not be null, but the file does not have it`);
  }
  const path = pathOf(tree);
  const leaf = path[path.length - 1]!;
  const lists = path.flatMap(({ element }, i) => (element.repetition_type === "REPEATED" ? [i] : []));
  const [list] = lists;
  const isList = list !== undefined;
  const convert = conversion(type, leaf.element);
  const isNested = leaf.children.length > 0 || lists.length > 1 || (!isList && path.length > 1);
  if (isNested || isList !== (type === "array<float>") || Either.isLeft(convert)) {
    const found = isNested ? "nested columns" : Either.merge(Either.map(convert, () => leaf.element.type));
    const message = `column ${name} is ${type} in the table's schema, but ${isList ? "a list of " : ""}${found} in the file`;
    return fault("SchemaMismatch", message);
  }
  const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema.join("\0") === leaf.path.join("\0"));
  const column = chunk?.meta_data;
  if (column === undefined) return fault("Corrupt", `a row group has no column ${name}`);
  if (column.codec !== "UNCOMPRESSED" && !(column.codec in compressors)) {
    return fault("Unsupported", `column ${name} is compressed by ${column.codec}, which this program does not read`);
  }
  const pages = makePages(file, column, [root, ...path], convert.right);
  const value = depthOf(path);
  return Promise.resolve(
    isList
      ? listColumn(name, pages, {
          list: depthOf(path.slice(0, list)),
          element: depthOf(path.slice(0, list + 1)),
          value,
        })
      : flatColumn(name, pages, value),
  );
};
