/** Times: the ways shops write a time, read as unix seconds, in SQL. */
import { aheadSeconds, earliestTime } from "../domain/EventTime.ts";
import { identifier, type Statement, sql } from "../ports/Statement.ts";
import { type Cell, named, timeProblem, trimmed } from "./Cells.ts";
import { strptimeFormat } from "./TimeFormat.ts";

/** Digits, or 0 where there are none. */
const number = (digits: Statement): Statement => sql`coalesce(TRY_CAST(nullif(${digits}, '') AS DOUBLE), 0)`;

/** An offset such as +02:00 in seconds; 0 for UTC or none. */
const zoneSeconds = (zone: Statement): Statement => sql`CASE WHEN left(${zone}, 1) IN ('+', '-')
  THEN CASE WHEN left(${zone}, 1) = '-' THEN -60 ELSE 60 END
    * (${number(sql`substr(${zone}, 2, 2)`)} * 60 + ${number(sql`replace(substr(${zone}, 4), ':', '')`)}) ELSE 0 END`;

/** An ISO date, with or without a time and its zone, which is UTC where it is missing; with or without separators. */
export const isoSeconds = (text: Statement): Statement => {
  const parts = sql`regexp_extract(${text},
    '^(\\d{4})-?(\\d\\d)-?(\\d\\d)(?:[Tt ](\\d\\d):?(\\d\\d)(?::?(\\d\\d(?:\\.\\d+)?))?\\s?([zZ]|[uU][tT][cC]|[+-]\\d\\d(?::?\\d\\d)?)?)?$',
    ['year', 'month', 'day', 'hour', 'minute', 'second', 'zone'])`;
  const day = sql`TRY_CAST(struct_extract(${parts}, 'year') || '-' || struct_extract(${parts}, 'month') || '-' ||
    struct_extract(${parts}, 'day') AS DATE)`;
  const hour = number(sql`struct_extract(${parts}, 'hour')`);
  const minute = number(sql`struct_extract(${parts}, 'minute')`);
  const second = number(sql`struct_extract(${parts}, 'second')`);
  return sql`CASE WHEN ${hour} <= 23 AND ${minute} <= 59 AND ${second} < 61
    THEN epoch(${day}) + ${hour} * 3600 + ${minute} * 60 + ${second} - ${zoneSeconds(sql`struct_extract(${parts}, 'zone')`)} END`;
};

/** Below 10^11 in size a number is seconds (until the year 5138), below 10^14 milliseconds, below 10^17 microseconds, else nanoseconds. */
const scaled = (value: Statement): Statement => sql`CASE WHEN abs(${value}) < 1e11 THEN ${value}
  WHEN abs(${value}) < 1e14 THEN ${value} / 1e3 WHEN abs(${value}) < 1e17 THEN ${value} / 1e6 ELSE ${value} / 1e9 END`;

/**
 * Digits are a count since 1970; those of 8 or 14 that give no possible time, but a day (and time) of the calendar, are that:
 * 20240115, 20240115103000. So are those of 12 from 1990 on, 202401151030, which would be milliseconds of 1976.
 */
const digitSeconds = (text: Statement, arrival: number): Statement => {
  const counted = scaled(sql`TRY_CAST(${text} AS DOUBLE)`);
  return sql`CASE WHEN length(${text}) = 12 AND ${text} >= '1990' AND ${text} < '2100'
    THEN coalesce(epoch(try_strptime(${text}, '%Y%m%d%H%M')), ${counted})
    WHEN ${counted} BETWEEN ${earliestTime} AND ${arrival + aheadSeconds}::DOUBLE THEN ${counted}
    WHEN length(${text}) = 8 THEN coalesce(epoch(try_strptime(${text}, '%Y%m%d')), ${counted})
    WHEN length(${text}) = 14 THEN coalesce(epoch(try_strptime(${text}, '%Y%m%d%H%M%S')), ${counted}) ELSE ${counted} END`;
};

/** Unix seconds, or NULL for a text that is no time. */
export const secondsOf = (cell: Statement, arrival: number): Statement => {
  const text = trimmed(cell);
  return sql`CASE WHEN regexp_full_match(${text}, '-?\\d+(\\.\\d+)?([eE]\\+?\\d+)?') THEN ${digitSeconds(text, arrival)}
    ELSE ${isoSeconds(text)} END`;
};

/** Unix seconds, by a format such as `dd.MM.yyyy HH:mm`, or `excel` for Excel's count of days. */
const formattedSeconds = (cell: Statement, format: string): Statement => {
  const text = trimmed(cell);
  // Excel's day 25569 is 1970-01-01; its times are rounded to a millisecond, which is more than its doubles hold.
  if (format === "excel") return sql`round((TRY_CAST(${text} AS DOUBLE) - 25569) * 86400, 3)`;
  return sql`epoch(try_strptime(${text}, ${strptimeFormat(format)}))`;
};

export interface TimeOptions {
  /** When the file is read, in unix seconds. */
  readonly arrival: number;
  /** As the file's owner said. */
  readonly format?: string | undefined;
}

/**
 * The three forms that nearly all files are written in are read without a regular expression: 2020-09-22 10:30:15,
 * 2020-09-22, and digits that are seconds.
 */
const usualSeconds = (cell: Statement, arrival: number): Statement => {
  const moment = sql`TRY_CAST(${cell} AS TIMESTAMP)`;
  const day = sql`TRY_CAST(${cell} AS DATE)`;
  const count = sql`TRY_CAST(${cell} AS BIGINT)`;
  return sql`CASE WHEN strlen(${cell}) = 19 AND ${moment}::VARCHAR = ${cell} THEN epoch(${moment})
    WHEN strlen(${cell}) BETWEEN 9 AND 10 AND ${count}::VARCHAR = ${cell} THEN ${count}::DOUBLE
    WHEN strlen(${cell}) = 10 AND ${day}::VARCHAR = ${cell} THEN epoch(${day}) ELSE ${secondsOf(cell, arrival)} END`;
};

/** The time of a column of text as unix seconds. */
export const timeCell = (name: string, cell: Statement, { arrival, format }: TimeOptions): Cell => {
  const column = {
    name: `seconds of ${name}`,
    value: format === undefined ? usualSeconds(cell, arrival) : formattedSeconds(cell, format),
  };
  const seconds = identifier(column.name);
  const wanted = format === undefined ? "no unix time and no ISO date or time" : `no time written ${format}`;
  return {
    column,
    value: seconds,
    problem: sql`CASE WHEN ${seconds} IS NULL OR NOT isfinite(${seconds})
      THEN ${named(name, cell)} || ${` is ${wanted}`} ELSE ${timeProblem(named(name, cell), seconds, arrival)} END`,
    quick: { test: sql`(${seconds} BETWEEN ${earliestTime} AND ${arrival + aheadSeconds}::DOUBLE)`, value: seconds },
  };
};

/** The time of a column that holds times itself, whose unix seconds are given. */
export const momentCell = (name: string, cell: Statement, seconds: Statement, { arrival }: TimeOptions): Cell => ({
  value: seconds,
  problem: sql`CASE WHEN ${seconds} IS NULL THEN ${`${name} has no time`} ELSE ${timeProblem(named(name, cell), seconds, arrival)} END`,
});

/** The day (UTC) of a time. */
export const dayOf = ({ value, problem, quick, column }: Cell): Cell => {
  const day = (seconds: Statement) => sql`(DATE '1970-01-01' + TRY_CAST(floor(${seconds} / 86400) AS INTEGER))`;
  return { column, value: day(value), problem, quick: quick && { test: quick.test, value: day(quick.value) } };
};
