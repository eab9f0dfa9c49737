/** Fullest: of several rows of one id the one that says most. */
import { Effect, Schema } from "effect";
import { copyRows } from "../datasets/WriteTable.ts";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { identifier, joined, type Statement, sql } from "../ports/Statement.ts";
import type { NewFile } from "../ports/Tables.ts";

const Ids = Schema.Struct({ ids: Schema.BigIntFromSelf });

/** How many columns of a row have a value, and attributes. */
const fullness = ({ schema }: TableDefinition): Statement =>
  schema.reduce((sum, { name }) => {
    const column = identifier(name);
    return name === "attributes"
      ? sql`${sum} + coalesce(len(json_keys(${column})), 0)`
      : sql`${sum} + (${column} IS NOT NULL)::INTEGER`;
  }, sql`0`);

/**
 * The file itself where `unique` has every value once; else a file beside it, in the order in which the values come first. Of
 * rows that are equally full the first is kept.
 */
export const keepFullest = <E>(
  session: SqlSession,
  table: TableDefinition,
  unique: string,
  file: NewFile,
  newFile: Effect.Effect<string, E>,
): Effect.Effect<NewFile, SqlError | E> =>
  Effect.gen(function* () {
    const rows = sql`read_parquet(${[file.path]}, hive_partitioning = false)`;
    const id = identifier(unique);
    const [found] = yield* session.rows(Ids, sql`SELECT count(DISTINCT ${id}) AS ids FROM ${rows}`);
    if (found === undefined || Number(found.ids) === file.rows) return file;
    const columns = joined(table.schema.map(({ name }) => identifier(name)));
    const ranked = sql`SELECT ${columns}, min(file_row_number) OVER (PARTITION BY ${id}) AS place,
      row_number() OVER (PARTITION BY ${id} ORDER BY ${fullness(table)} DESC, file_row_number) AS rank FROM ${rows}`;
    const kept = sql`SELECT ${columns} FROM (${ranked}) WHERE rank = 1 ORDER BY place`;
    return yield* copyRows(session, table.schema, kept, yield* newFile);
  });
