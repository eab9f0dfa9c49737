/** Reading: a version of a table as a snapshot or as column batches. */
import { Effect, Stream } from "effect";
import type { Add } from "../../../src/delta/Actions.ts";
import { parsePartitionValue } from "../../../src/delta/PartitionValue.ts";
import { statisticsRows } from "../../../src/delta/Statistics.ts";
import type { ColumnBatch, Field } from "../../../src/domain/Columns.ts";
import type { TableError, TableSnapshot } from "../../../src/ports/Tables.ts";
import { countRows, readParquet } from "./parquet/Read.ts";
import { failure } from "./TableErrors.ts";
import { requireLatest, type TableFolder } from "./TableFolder.ts";
import { dataPath, type TableView, viewOf } from "./TableView.ts";

export const viewAt = (place: TableFolder, version: number | undefined): Effect.Effect<TableView, TableError> =>
  Effect.flatMap(version === undefined ? requireLatest(place) : place.log.at(version), (state) =>
    viewOf(place.table, state),
  );

export const pathOf = ({ table, folder }: TableFolder, add: Add): Effect.Effect<string, TableError> => {
  const path = dataPath(folder, add);
  return path === undefined
    ? Effect.fail(failure("Unsupported", table, `data file ${add.path} is not on this machine; copy it here`))
    : Effect.succeed(path);
};

/** Where an add action tells no rows, the file's footer does. */
export const rowsOf = (place: TableFolder, add: Add): Effect.Effect<number, TableError> => {
  const known = statisticsRows(add.stats);
  return known === undefined
    ? Effect.flatMap(pathOf(place, add), (path) => countRows(place.objects, path))
    : Effect.succeed(known);
};

export const snapshotOf = (place: TableFolder, view: TableView): Effect.Effect<TableSnapshot, TableError> =>
  Effect.gen(function* () {
    const files = Array.from(view.state.files.values());
    const rows = yield* Effect.forEach(files, (add) => rowsOf(place, add));
    return {
      version: view.state.version,
      schema: view.schema.fields,
      rows: rows.reduce((sum, count) => sum + count, 0),
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      writtenAt: files.reduce((newest, { modificationTime }) => Math.max(newest, modificationTime), 0),
      transactions: new Map(Array.from(view.state.transactions, ([appId, { version }]) => [appId, version])),
    };
  });

export interface Projection {
  /** All where it is undefined. */
  readonly columns?: ReadonlyArray<string> | undefined;
  /** Null where the schema lacks them. */
  readonly optional?: ReadonlyArray<string> | undefined;
}

/** The fields asked for, in the order asked for. */
const project = (
  table: string,
  { schema }: TableView,
  { columns, optional = [] }: Projection,
): Effect.Effect<ReadonlyArray<Field>, TableError> =>
  Effect.forEach(columns ?? [...schema.fields, ...schema.foreign].map(({ name }) => name), (name) => {
    const field = schema.fields.find((candidate) => candidate.name === name);
    if (field !== undefined) return Effect.succeed(field);
    const foreign = schema.foreign.find((candidate) => candidate.name === name);
    if (foreign !== undefined) {
      const message = `column ${name} is of type ${foreign.type}, which this program does not read; leave it out`;
      return Effect.fail(failure("Unsupported", table, message));
    }
    if (optional.includes(name)) return Effect.succeed<Field>({ name, type: "string", nullable: true });
    const names = schema.fields.map((candidate) => candidate.name).join(", ");
    return Effect.fail(failure("UnknownColumn", table, `table ${table} has no column ${name}; it has ${names}`));
  });

export const partitionConstants = (
  table: string,
  view: TableView,
  fields: ReadonlyArray<Field>,
  add: Add,
): Effect.Effect<ReadonlyMap<string, unknown>, TableError> =>
  Effect.map(
    Effect.forEach(
      fields.filter(({ name }) => view.partitionColumns.includes(name)),
      ({ name, type }) => {
        const text = add.partitionValues?.[name];
        const value = parsePartitionValue(type, text);
        return value === undefined
          ? Effect.fail(failure("Corrupt", table, `partition column ${name}: ${JSON.stringify(text)} is no ${type}`))
          : Effect.succeed([name, value] as const);
      },
    ),
    (entries) => new Map(entries),
  );

/** Data files one after the other, each by row groups. */
export const readFiles = (
  place: TableFolder,
  view: TableView,
  files: Iterable<Add>,
  projection: Projection,
): Stream.Stream<ColumnBatch, TableError> =>
  Stream.unwrap(
    Effect.map(project(place.table, view, projection), (fields) => {
      const absent = fields.filter(({ name }) => !view.schema.fields.some((known) => known.name === name));
      return Stream.flatMap(Stream.fromIterable(files), (add) =>
        Stream.unwrap(
          Effect.gen(function* () {
            const path = yield* pathOf(place, add);
            const constants = yield* partitionConstants(place.table, view, fields, add);
            const nulls = absent.map(({ name }) => [name, null] as const);
            return readParquet(place.objects, path, fields, new Map([...nulls, ...constants]));
          }),
        ),
      );
    }),
  );
