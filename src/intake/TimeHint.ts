/** TimeHint: how the times of a column seem to be written, for the message to whoever did not say it. */
import { Effect, Schema } from "effect";
import { aheadSeconds, earliestTime } from "../domain/EventTime.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { identifier, joined, sql } from "../ports/Statement.ts";
import { firstProblem, prepared } from "./Cells.ts";
import type { InputError } from "./InputError.ts";
import type { Source } from "./Source.ts";
import { commonFormats, strptimeFormat } from "./TimeFormat.ts";
import { type TimeOptions, timeCell } from "./Times.ts";

const Fits = Schema.Record({ key: Schema.String, value: Schema.NullOr(Schema.Boolean) });

/** Excel's days from 1971 to 2100. */
const isSerial = (text: string): boolean =>
  /^\d{5}(\.\d+)?$/.test(text) && Number(text) > 25_934 && Number(text) < 73_416;

/** Days, weeks or the like since a day that the shop knows: every unix time since 1971 has eight digits or more. */
const isCount = (text: string): boolean => /^\d{1,5}(\.0+)?$/.test(text);

/** A sentence about a column of text, or undefined where it is none or its first cells are read as they are. */
export const timeHint = (
  session: SqlSession,
  source: Source,
  column: string,
  { arrival, format }: TimeOptions,
): Effect.Effect<string | undefined, InputError | SqlError> =>
  Effect.gen(function* () {
    const cells = [...new Set(yield* source.firstCells(source.columns.indexOf(column)))];
    if (cells.length === 0 || format === "excel") return undefined;
    if (cells.every(isSerial)) {
      return `Column ${column} seems to hold Excel's count of days (${cells[0]}): say --time-format excel.`;
    }
    const own = timeCell(column, identifier("cell"), { arrival, format });
    const reads = sql`bool_and(${firstProblem([own])} IS NULL) AS reads`;
    const fits = commonFormats.map((format, i) => {
      const seconds = sql`epoch(try_strptime(cell, ${strptimeFormat(format)}))`;
      const fit = sql`coalesce(${seconds} BETWEEN ${earliestTime} AND ${arrival + aheadSeconds}::DOUBLE, false)`;
      return sql`bool_and(${fit}) AS ${identifier(String(i))}`;
    });
    const [found] = yield* session.rows(
      Fits,
      sql`SELECT ${joined([reads, ...fits])} FROM ${prepared(sql`(SELECT unnest(${cells}) AS cell)`, [own])}`,
    );
    const formats = commonFormats.filter((_, i) => found?.[i] === true);
    if (found?.reads === true) return undefined;
    if (cells.every(isCount)) {
      return `Column ${column} seems to count from a day of the shop's own (${cells[0]}): write days as dates first.`;
    }
    if (formats.length === 0) return undefined;
    const named = formats.map((format) => `"${format}"`).join(" or ");
    return `Column ${column} seems to be written ${named} (${cells[0]}): say ${formats.length > 1 ? "which " : "so "}by --time-format.`;
  });
