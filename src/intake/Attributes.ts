/**
 * Attributes: the columns of an items file that are none of ours, as attributes of its items, typed as seen.
 *
 * A column of a CSV file holds numbers, booleans (true, false), times (ISO dates, with or without time and zone) or lists (JSON
 * arrays of texts) where every cell that is not empty does, and text otherwise; digits behind a leading zero, or more than a double
 * holds, are text. A column of a Parquet file is what its type says; lists are those of texts. An empty cell is no value, and
 * beside numbers, booleans and times neither is a word for nothing (NA, null …).
 */
import type { FileSystem } from "@effect/platform";
import { Effect, Schema, type Scope } from "effect";
import { noIds } from "../domain/Ids.ts";
import type { ValueKind } from "../domain/Where.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { joined, type Statement, sql } from "../ports/Statement.ts";
import type { Cell } from "./Cells.ts";
import { type InputError, isOfData } from "./InputError.ts";
import type { Source } from "./Source.ts";
import { isoSeconds } from "./Times.ts";

/** A column of the file, and what it holds. */
export interface TypedColumn {
  readonly name: string;
  readonly at: number;
  readonly kind: ValueKind;
}

const text = (source: Source, at: number): Statement => sql`trim(${source.text(at)})`;

/** The cell, NULL where it is empty or a word for nothing. */
const given = (source: Source, at: number): Statement => {
  const cell = text(source, at);
  return sql`CASE WHEN ${cell} NOT IN ${["", ...noIds]} THEN ${cell} END`;
};

/** The largest whole number up to which a double holds all. */
const mostWhole = 2 ** 53;

const firstSecond = Date.parse("0001-01-01T00:00:00Z") / 1000;
const lastSecond = Date.parse("9999-12-31T23:59:59Z") / 1000;

const isNumber = (
  cell: Statement,
): Statement => sql`(regexp_full_match(${cell}, '-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?')
  AND isfinite(TRY_CAST(${cell} AS DOUBLE)) AND (contains(${cell}, '.') OR abs(TRY_CAST(${cell} AS DOUBLE)) < ${mostWhole}::DOUBLE))`;

const isBoolean = (cell: Statement): Statement => sql`(lower(${cell}) IN ('true', 'false'))`;

/** ISO 8601, of the extended form: a text of digits alone is a number. */
export const instantSeconds = (cell: Statement): Statement =>
  sql`CASE WHEN strlen(${cell}) BETWEEN 10 AND 40 AND substr(${cell}, 5, 1) = '-' THEN ${isoSeconds(cell)} END`;

const isList = (cell: Statement): Statement => sql`CASE WHEN starts_with(${cell}, '[') AND json_valid(${cell})
  THEN json_type(${cell}) = 'ARRAY' AND len(list_filter(json_type(${cell}, '$[*]'), lambda type: type <> 'VARCHAR')) = 0 ELSE false END`;

/** RFC 3339 in UTC; NULL outside of the years 1 to 9999. */
export const instantText = (seconds: Statement): Statement => {
  const moment = sql`make_timestamp(CAST(round(${seconds} * 1000) AS BIGINT) * 1000)`;
  return sql`CASE WHEN ${seconds} BETWEEN ${firstSecond}::DOUBLE AND ${lastSecond}::DOUBLE
    THEN replace(strftime(${moment}, '%Y-%m-%dT%H:%M:%S.%gZ'), '.000Z', 'Z') END`;
};

/** What a column of text that may stand for anything holds, as a word. */
const judged = (source: Source, at: number): Statement => {
  const cell = given(source, at);
  const all = (test: Statement): Statement => sql`bool_and(${test} IS TRUE) FILTER (${cell} IS NOT NULL)`;
  return sql`CASE WHEN ${all(isNumber(cell))} THEN 'number' WHEN ${all(isBoolean(cell))} THEN 'boolean'
    WHEN ${all(sql`${instantSeconds(cell)} IS NOT NULL`)} THEN 'time' WHEN ${all(isList(cell))} THEN 'list' ELSE 'text' END`;
};

const Words = Schema.Struct({ words: Schema.NullOr(Schema.String) });

/** What the columns at these places hold; those that cannot be read are left out. */
export const typeColumns = (
  session: SqlSession,
  source: Source,
  places: ReadonlyArray<number>,
): Effect.Effect<ReadonlyArray<TypedColumn>, InputError | SqlError, Scope.Scope | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const readable = places.filter((at) => source.says(at) !== "nothing");
    const open = readable.filter((at) => source.says(at) === undefined);
    const kinds = new Map<number, ValueKind>();
    if (open.length > 0) {
      const words = (relation: Statement) =>
        session.rows(
          Words,
          sql`SELECT concat_ws(',', ${joined(open.map((at) => judged(source, at)))}) AS words FROM ${relation}`,
        );
      const whole = source.direct.pipe(
        Effect.flatMap((relation) => (relation === undefined ? Effect.succeed(undefined) : words(relation))),
        Effect.catchIf(isOfData, () => Effect.succeed(undefined)),
      );
      // Of a file whose form is wrong somewhere the rows that are right.
      const found =
        (yield* whole) ??
        (yield* Effect.flatMap(
          source.numbered(
            () => Effect.void,
            () => {},
          ),
          words,
        ));
      (found[0]?.words ?? "").split(",").forEach((word, n) => {
        kinds.set(open[n] as number, word as ValueKind);
      });
    }
    return readable.map((at) => {
      const said = source.says(at);
      const kind = said === undefined || said === "nothing" ? (kinds.get(at) ?? "text") : said;
      return { name: source.columns[at] as string, at, kind };
    });
  });

/** The value of a cell, NULL where it has none. */
export const valueOfColumn = (source: Source, { at, kind }: TypedColumn): Statement => {
  const cell = given(source, at);
  switch (kind) {
    case "number":
      return sql`CASE WHEN isfinite(TRY_CAST(${cell} AS DOUBLE)) THEN TRY_CAST(${cell} AS DOUBLE) END`;
    case "boolean":
      return sql`lower(${cell}) = 'true'`;
    case "time":
      return instantText(source.seconds(at) ?? instantSeconds(cell));
    case "list":
      return sql`CASE WHEN ${cell} IS NOT NULL THEN json_extract_string(${cell}, '$[*]') END`;
    default:
      return sql`nullif(${text(source, at)}, '')`;
  }
};

/** All values of a row as one JSON object, without those that it lacks; NULL where it lacks all. */
export const attributesCell = (source: Source, columns: ReadonlyArray<TypedColumn>): Cell => {
  if (columns.length === 0) return { value: sql`NULL` };
  const pairs = columns.flatMap((column) => [sql`${column.name}`, valueOfColumn(source, column)]);
  const all = sql`json_merge_patch('{}', json_object(${joined(pairs)}))::VARCHAR`;
  return { value: sql`nullif(${all}, '{}')` };
};
