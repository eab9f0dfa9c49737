/** WriteTable: the rows of a SELECT as a table's new content, written by the engine and committed by the table's log. */
import { Effect, Schema } from "effect";
import type { Field } from "../domain/Columns.ts";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import type { SqlError, SqlSession, Watch } from "../ports/Sql.ts";
import { identifier, joined, type Statement, sql, sqlTypes } from "../ports/Statement.ts";
import {
  type ColumnStatistics,
  type NewFile,
  type TableError,
  Tables,
  type TablesService,
  type TableTransaction,
  type WriteFiles,
} from "../ports/Tables.ts";
import { statisticsOf } from "./FileStatistics.ts";

export interface Written {
  readonly version: number;
  readonly rows: number;
}

/** Rows of a row group: what a reader holds in memory at a time, and what it can skip. */
const groupRows = 122_880;

const Copied = Schema.Struct({
  count: Schema.BigIntFromSelf,
  column_statistics: Schema.Array(
    Schema.Struct({
      key: Schema.String,
      value: Schema.Array(Schema.Struct({ key: Schema.String, value: Schema.String })),
    }),
  ),
});

/** Writes the rows to a file, in their order, with the columns of `schema`. */
export const copyRows = (
  session: SqlSession,
  schema: ReadonlyArray<Field>,
  select: Statement,
  path: string,
  watch?: Watch,
): Effect.Effect<NewFile, SqlError> => {
  const columns = schema.map(({ name, type }) => sql`${identifier(name)}::${sqlTypes[type]} AS ${identifier(name)}`);
  const statement = sql`COPY (SELECT ${joined(columns)} FROM (${select})) TO ${path}
    (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${groupRows}, USE_TMP_FILE false, RETURN_STATS)`;
  return Effect.map(session.rows(Copied, statement, watch), ([copied]) => ({
    path,
    rows: Number(copied?.count ?? 0n),
    statistics: new Map<string, ColumnStatistics>(
      schema.flatMap((field) => {
        const found = copied?.column_statistics.find(({ key }) => key === `"${field.name.replaceAll('"', '""')}"`);
        const told = new Map(found?.value.map(({ key, value }) => [key, value]));
        return found === undefined ? [] : [[field.name, statisticsOf(field.type, told)] as const];
      }),
    ),
  }));
};

const formats = {
  parquet: sql`(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows})`,
  csv: sql`(FORMAT csv, HEADER true)`,
};

/** Writes the rows to a file that is no table's; answers how many. */
export const writeFile = (
  session: SqlSession,
  select: Statement,
  path: string,
  format: keyof typeof formats,
): Effect.Effect<number, SqlError> => session.run(sql`COPY (${select}) TO ${path} ${formats[format]}`);

interface Rows {
  readonly session: SqlSession;
  readonly table: TableDefinition;
  readonly select: Statement;
  readonly watch?: Watch;
}

/** Writes one file of the rows, which `commit` makes part of the table. */
const written = (
  { session, table, select, watch }: Rows,
  commit: (
    tables: TablesService,
    write: WriteFiles<SqlError | TableError, never>,
  ) => Effect.Effect<number, SqlError | TableError>,
): Effect.Effect<Written, SqlError | TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    let rows = 0;
    const version = yield* commit(tables, (newFile) =>
      Effect.gen(function* () {
        const file = yield* copyRows(session, table.schema, select, yield* newFile, watch);
        rows = file.rows;
        return [file];
      }),
    );
    return { version, rows };
  });

/** Puts the rows of `select` in place of the table's, which has its columns by name, in one commit. */
export const overwriteTable = (rows: Rows): Effect.Effect<Written, SqlError | TableError, Tables> =>
  written(rows, (tables, write) => tables.overwriteFiles(rows.table.name, rows.table.schema, write));

/** Adds the rows of `select` to the table in one commit, with the transactions. */
export const appendTable = (
  rows: Rows,
  transactions: ReadonlyArray<TableTransaction> = [],
): Effect.Effect<Written, SqlError | TableError, Tables> =>
  written(rows, (tables, write) => tables.appendFiles(rows.table.name, rows.table.schema, write, transactions));
