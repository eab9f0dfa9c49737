/** ParquetRead: one data file as column batches, one per row group, with the columns asked for, read with hyparquet. */
import { Effect, Stream } from "effect";
import {
  type ParquetParsers,
  type ParquetRowRange,
  type ParquetScan,
  type ParquetType,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type SchemaTree,
} from "hyparquet";
import { snappyUncompressor } from "hysnappy";
import type { Column, ColumnBatch, ColumnType, Field, TableError } from "../../src/ports/Tables.ts";
import { failure } from "./Failures.ts";
import { openBuffer } from "./Files.ts";

/** `fields` may be partition columns, whose value is in `constants`; a column that the file lacks is null. */
export const readParquet = (
  table: string,
  path: string,
  fields: ReadonlyArray<Field>,
  constants: ReadonlyMap<string, unknown>,
): Stream.Stream<ColumnBatch, TableError> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const file = yield* openBuffer(table, path);
      const options = { file, compressors, parsers, useOffsetIndex: false };
      const scan = yield* attempt(table, path, () => parquetScan(options));
      return Stream.fromIterable(scan.ranges).pipe(
        Stream.rechunk(1),
        Stream.mapEffect((range) => attempt(table, path, () => readRange(scan, range, fields, constants))),
      );
    }),
  );

/** Rows of a data file by its footer. */
export const countRows = (table: string, path: string): Effect.Effect<number, TableError> =>
  openBuffer(table, path).pipe(
    Effect.flatMap((file) => attempt(table, path, () => parquetMetadataAsync(file))),
    Effect.map(({ num_rows }) => Number(num_rows)),
    Effect.scoped,
  );

const attempt = <A>(table: string, path: string, run: () => Promise<A>): Effect.Effect<A, TableError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) =>
      failure("Corrupt", table, `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, cause),
  });

const compressors = { SNAPPY: snappyUncompressor() };

/** Keeps a byte order mark at the beginning of a text, which hyparquet's own decoder takes away. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Dates stay days, timestamps become microseconds. */
const parsers: Partial<ParquetParsers> = {
  dateFromDays: (days) => days,
  timestampFromMilliseconds: (millis) => millis * 1000n,
  timestampFromMicroseconds: (micros) => micros,
  timestampFromNanoseconds: (nanos) => nanos / 1000n,
  stringFromBytes: (bytes) => decoder.decode(bytes),
};

const readRange = async (
  scan: ParquetScan,
  range: ParquetRowRange,
  fields: ReadonlyArray<Field>,
  constants: ReadonlyMap<string, unknown>,
): Promise<ColumnBatch> => {
  const rows = range.rowEnd - range.rowStart;
  const { children } = parquetSchema(scan.metadata);
  const columns: Record<string, Column> = {};
  for (const field of fields) {
    const { name } = field;
    const tree = children.find(({ element }) => element.name === name);
    if (constants.has(name)) columns[name] = new Array(rows).fill(constants.get(name));
    else if (tree === undefined) columns[name] = new Array(rows).fill(null);
    else columns[name] = await readColumn(scan, range, tree, field);
  }
  return { rows, columns };
};

const physical: Readonly<Record<ColumnType, ReadonlyArray<ParquetType | undefined>>> = {
  string: ["BYTE_ARRAY"],
  boolean: ["BOOLEAN"],
  integer: ["INT32"],
  date: ["INT32"],
  long: ["INT64"],
  timestamp: ["INT64", "INT96"],
  float: ["FLOAT"],
  double: ["DOUBLE"],
  "array<float>": ["FLOAT"],
};

const leafOf = (tree: SchemaTree): SchemaTree => {
  const [child, ...others] = tree.children;
  return child === undefined || others.length > 0 ? tree : leafOf(child);
};

const readColumn = async (
  scan: ParquetScan,
  range: ParquetRowRange,
  tree: SchemaTree,
  { name, type }: Field,
): Promise<Column> => {
  const leaf = leafOf(tree).element;
  const nested = tree.children.length > 0;
  if (!physical[type].includes(leaf.type) || nested !== (type === "array<float>")) {
    const found = nested ? `nested ${leaf.type ?? "columns"}` : leaf.type;
    return Promise.reject(new Error(`column ${name} is ${type} in the table's schema, but ${found} in the file`));
  }
  const data = await scan.readColumn({ column: name, ...range });
  const rows = range.rowEnd - range.rowStart;
  if (data.length !== rows) {
    return Promise.reject(new Error(`column ${name} has ${data.length} values in a row group of ${rows} rows`));
  }
  return nested ? floatLists(name, data) : data;
};

const floatLists = (name: string, data: Column): Promise<Column> => {
  const lists = new Array<Float32Array | null>(data.length).fill(null);
  for (let row = 0; row < data.length; row++) {
    const elements = data[row] as ReadonlyArray<unknown> | null | undefined;
    if (elements === null || elements === undefined) continue;
    const list = new Float32Array(elements.length);
    for (let i = 0; i < list.length; i++) {
      const element = elements[i];
      if (typeof element !== "number") {
        return Promise.reject(
          new Error(`column ${name} has lists with ${element ?? "null"} in them, not numbers alone`),
        );
      }
      list[i] = element;
    }
    lists[row] = list;
  }
  return Promise.resolve(lists);
};
