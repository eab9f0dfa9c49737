/** ParquetColumns: what the columns of Parquet files hold, and how each is read as text. */
import { Effect, Schema } from "effect";
import type { ValueKind } from "../domain/Where.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { identifier, type Statement, sql } from "../ports/Statement.ts";

const Rows = Schema.Struct({ num_rows: Schema.BigIntFromSelf });
const Physical = Schema.Struct({ type: Schema.NullOr(Schema.String) });
const Digits = Schema.Struct({ digits: Schema.NullOr(Schema.BigIntFromSelf) });
const Wholeness = Schema.Struct({ whole: Schema.NullOr(Schema.Boolean), exact: Schema.NullOr(Schema.Boolean) });

export interface Column {
  readonly name: string;
  readonly type: string;
  /** As text; NULL where there is no value. */
  readonly text: Statement;
  /** As unix seconds, where it holds times. */
  readonly seconds: Statement | undefined;
  readonly obstacle: string | undefined;
}

export interface Parts {
  readonly paths: ReadonlyArray<string>;
  /** The names of folders are columns: `day=2024-01-15/part-0.parquet`. */
  readonly named: boolean;
}

export const scan = ({ paths, named }: Parts): Statement =>
  sql`read_parquet(${paths}, union_by_name = true, hive_partitioning = ${named}, hive_types_autocast = false)`;

/** What a column of a type holds; undefined for numbers, which may be too large for a double. */
export const kindOf = ({ obstacle, seconds, type }: Column): ValueKind | "nothing" | undefined => {
  if (type === "VARCHAR[]") return "list";
  if (obstacle !== undefined) return "nothing";
  if (seconds !== undefined) return "time";
  if (type === "BOOLEAN") return "boolean";
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL|FLOAT|DOUBLE)/.test(type) ? undefined : "text";
};

const isNested = (type: string): boolean => type.endsWith("]") || /^(STRUCT|MAP|UNION|VARIANT|GEOMETRY)/.test(type);

/** Whether a column of bytes is text: not of fixed length, and all of it UTF-8 without a control character. */
const isText = (session: SqlSession, parts: Parts, name: string): Effect.Effect<boolean, SqlError> =>
  Effect.gen(function* () {
    const physical = yield* session.rows(
      Physical,
      sql`SELECT DISTINCT type FROM parquet_schema(${parts.paths}) WHERE name = ${name}`,
    );
    if (physical.some(({ type }) => type === "FIXED_LEN_BYTE_ARRAY")) return false;
    const text = sql`decode(${identifier(name)})`;
    const odd = sql`SELECT count(*) AS num_rows FROM ${scan(parts)} WHERE regexp_matches(${text}, '[\\x00-\\x1f\\x7f-\\x{9f}]')`;
    const [found] = yield* session.rows(Rows, odd);
    return found?.num_rows === 0n;
  }).pipe(
    Effect.catchIf(
      (error) => error.reason === "Value",
      () => Effect.succeed(false),
    ),
  );

/** Digits of a decimal that the engine reads; what it makes of more is floating point, and may be another number altogether. */
const longestDecimal = 38n;

/** Digits of a column of decimals, 0 of another. */
const decimalDigits = (session: SqlSession, parts: Parts, name: string): Effect.Effect<bigint, SqlError> =>
  Effect.map(
    session.rows(
      Digits,
      sql`SELECT max(precision)::BIGINT AS digits FROM parquet_schema(${parts.paths}) WHERE name = ${name}`,
    ),
    ([found]) => found?.digits ?? 0n,
  );

export const describeColumn = (
  session: SqlSession,
  file: string,
  parts: Parts,
  name: string,
  type: string,
): Effect.Effect<Column, SqlError> =>
  Effect.gen(function* () {
    const column = identifier(name);
    const plain: Column = { name, type, text: sql`${column}::VARCHAR`, seconds: undefined, obstacle: undefined };
    if (isNested(type)) {
      const obstacle = `column ${name} of ${file} is nested (${type}); write its fields as columns of their own`;
      const list = sql`to_json(list_filter(${column}, lambda text: text IS NOT NULL))::VARCHAR`;
      return { ...plain, ...(type === "VARCHAR[]" ? { text: list } : {}), obstacle };
    }
    if (/^(DATE|TIMESTAMP)/.test(type)) return { ...plain, seconds: sql`epoch(${column})` };
    if (type === "BLOB") {
      return {
        ...plain,
        text: (yield* isText(session, parts, name)) ? sql`decode(${column})` : sql`lower(hex(${column}))`,
      };
    }
    if (type.startsWith("DECIMAL") && !type.endsWith(",0)")) {
      const [{ whole } = { whole: false }] = yield* session.rows(
        Wholeness,
        sql`SELECT bool_and(${column} = trunc(${column})) AS whole, true AS exact FROM ${scan(parts)}`,
      );
      return whole === true ? { ...plain, text: sql`regexp_replace(${column}::VARCHAR, '\\.0+$', '')` } : plain;
    }
    if (type !== "DOUBLE" && type !== "FLOAT") return plain;
    const digits = yield* decimalDigits(session, parts, name);
    if (digits > longestDecimal) {
      const obstacle = `column ${name} of ${file} holds decimals of ${digits} digits, more than the ${longestDecimal} that can be read; cast it to text, or to decimal(${longestDecimal}) where its values fit`;
      return { ...plain, obstacle };
    }
    const exactBelow = type === "DOUBLE" ? 2 ** 53 : 2 ** 24;
    const value = sql`(CASE WHEN isnan(${column}) THEN NULL ELSE ${column} END)`;
    const [found] = yield* session.rows(
      Wholeness,
      sql`SELECT bool_and(${value} = trunc(${value})) AS whole, bool_and(abs(${value}) < ${exactBelow}) AS exact FROM ${scan(parts)}`,
    );
    if (found?.whole !== true) return { ...plain, text: sql`${value}::VARCHAR` };
    const obstacle = `column ${name} of ${file} holds numbers of floating point that are too large to be exact ids; write them as text or as whole numbers`;
    return found.exact === true
      ? { ...plain, text: sql`${value}::BIGINT::VARCHAR` }
      : { ...plain, text: sql`${value}::VARCHAR`, obstacle };
  });
