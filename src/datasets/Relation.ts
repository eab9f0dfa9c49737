/** Relation: a version of a table as SQL can select from it: the rows of the files that the table's log names. */
import { Effect, type Scope } from "effect";
import type { Field } from "../domain/Columns.ts";
import { identifier, joined, type SqlValue, type Statement, sql, sqlTypes } from "../ports/Statement.ts";
import { TableError, type TableFile, Tables } from "../ports/Tables.ts";

export interface Relation {
  /** A bracketed SELECT of the columns asked for, in the types of the table's schema. */
  readonly statement: Statement;
  readonly version: number;
  readonly rows: number;
  readonly schema: ReadonlyArray<Field>;
  /** Where the rows are. */
  readonly paths: ReadonlyArray<string>;
}

export interface RelationOptions {
  /** By default all. One that the table lacks is null; where it may not be, the table is refused. */
  readonly columns?: ReadonlyArray<Field>;
  readonly version?: number;
  /**
   * Adds a column of this name: whole numbers that grow from row to row in the order of the table's files, so that rows can
   * be put back in order.
   */
  readonly position?: string;
  /** So many of the first files are left out; positions stay as they are. */
  readonly skip?: number;
}

/** Rows of a file are numbered below this. */
export const rowsPerFile = 2n ** 40n;

const isSame = (a: TableFile, b: TableFile): boolean =>
  a.constants.size === b.constants.size && [...a.constants].every(([name, value]) => b.constants.get(name) === value);

interface Run {
  readonly first: number;
  readonly files: Array<TableFile>;
}

/** Neighbouring files whose constants are the same, to be read together. */
const runsOf = (files: ReadonlyArray<TableFile>, skip: number): ReadonlyArray<Run> => {
  const runs: Array<Run> = [];
  files.forEach((file, i) => {
    if (file.number < skip) return;
    const last = runs.at(-1);
    const [before] = last?.files ?? [];
    if (last !== undefined && before !== undefined && isSame(before, file)) last.files.push(file);
    else runs.push({ first: i, files: [file] });
  });
  return runs;
};

/** A partition's value, which is of a plain type: dates are days, timestamps microseconds. */
const constant = ({ type }: Field, value: unknown): Statement => {
  if (value === null) return sql`NULL`;
  if (type === "date") return sql`(DATE '1970-01-01' + ${value as number})`;
  return type === "timestamp" ? sql`make_timestamptz(${value as bigint})` : sql`${value as SqlValue}`;
};

/**
 * A column that no file has is null by the empty relation in front; one that a file has in a narrower type, or not at all,
 * is brought to the schema's. Neither a folder's name nor a file's is taken for a column.
 */
const select = (schema: ReadonlyArray<Field>, files: ReadonlyArray<TableFile>, options: RelationOptions): Statement => {
  const { columns = schema, position, skip = 0 } = options;
  const isKnown = ({ name }: Field): boolean => schema.some((field) => field.name === name);
  const typed = columns.map(
    (field) =>
      sql`${isKnown(field) ? identifier(field.name) : sql`NULL`}::${sqlTypes[field.type]} AS ${identifier(field.name)}`,
  );
  const place = position === undefined ? [] : [identifier(position)];
  const empty = schema.map(({ name, type }) => sql`NULL::${sqlTypes[type]} AS ${identifier(name)}`);
  const emptyPlace = place.map((name) => sql`NULL::BIGINT AS ${name}`);
  const parts = runsOf(files, skip).map(({ first, files: [file, ...more] }) => {
    const constants = schema.flatMap((field) =>
      file?.constants.has(field.name) === true
        ? [
            sql`${constant(field, file.constants.get(field.name))}::${sqlTypes[field.type]} AS ${identifier(field.name)}`,
          ]
        : [],
    );
    const where = place.map(
      (name) => sql`(file_index::BIGINT + ${first}) * ${rowsPerFile} + file_row_number AS ${name}`,
    );
    const paths = [file, ...more].flatMap((one) => (one === undefined ? [] : [one.path]));
    return sql`SELECT ${joined([sql`*`, ...constants, ...where])} FROM read_parquet(${paths}, union_by_name = true, hive_partitioning = false)`;
  });
  const all = [sql`SELECT ${joined([...empty, ...emptyPlace])} WHERE false`, ...parts];
  return sql`(SELECT ${joined([...typed, ...place])} FROM (${joined(all, " UNION ALL BY NAME ")}))`;
};

/** The rows of one file of a table, with the columns of the table's schema. */
export const fileRows = (schema: ReadonlyArray<Field>, file: TableFile): Statement => select(schema, [file], {});

/** No rows of the columns. */
export const emptyRelation = (columns: ReadonlyArray<Field>, position?: string): Statement =>
  select(columns, [], position === undefined ? {} : { position });

/** Fails where the table lacks a column that may not be null. */
export const requireColumns = (
  table: string,
  schema: ReadonlyArray<Field>,
  columns: ReadonlyArray<Field>,
): Effect.Effect<void, TableError> => {
  const isMissing = ({ name, nullable }: Field) => !nullable && !schema.some((known) => known.name === name);
  const missing = columns.filter(isMissing).map(({ name }) => name);
  if (missing.length === 0) return Effect.void;
  const message = `table ${table} has no column ${missing.join(", ")}, which is needed; it has ${schema.map(({ name }) => name).join(", ")}`;
  return new TableError({ reason: "SchemaMismatch", table, message });
};

/** The files stay until the scope closes. */
export const relation = (
  table: string,
  options: RelationOptions = {},
): Effect.Effect<Relation, TableError, Tables | Scope.Scope> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const { version, schema, files } = yield* tables.files(table, options.version);
    yield* requireColumns(table, schema, options.columns ?? []);
    return {
      statement: select(schema, files, options),
      version,
      rows: files.reduce((sum, { rows }) => sum + rows, 0),
      schema,
      paths: files.map(({ path }) => path),
    };
  });
