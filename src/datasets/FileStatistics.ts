/** FileStatistics: what the engine tells of a file it wrote, as the statistics of a table's column. */
import type { ColumnType } from "../domain/Columns.ts";
import type { Bound, ColumnStatistics } from "../ports/Tables.ts";

const dayMillis = 86_400_000;
const moment = /^(\d{4,6})-(\d\d)-(\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00)?$/;

const millisOf = (parts: RegExpExecArray): number =>
  Date.parse(`+${parts[1]?.padStart(6, "0")}-${parts[2]}-${parts[3]}T${parts[4] ?? "00:00:00"}Z`);

/** Undefined where the text is of a time that no calendar here prints. */
const parseDay = (text: string): number | undefined => {
  const parts = moment.exec(text);
  const millis = parts === null ? Number.NaN : millisOf(parts);
  return Number.isNaN(millis) ? undefined : millis / dayMillis;
};

const parseMoment = (text: string): bigint | undefined => {
  const parts = moment.exec(text);
  const millis = parts === null ? Number.NaN : millisOf(parts);
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1000n + BigInt((parts?.[5] ?? "").padEnd(6, "0"));
};

/** A float's shortest text stands for the float, not for the double that is nearest to the text. */
const parsers: Readonly<Record<ColumnType, (text: string) => Bound | undefined>> = {
  string: (text) => text,
  boolean: () => undefined,
  integer: Number,
  long: BigInt,
  float: (text) => Math.fround(Number(text.replace(/inf/i, "Infinity"))),
  double: (text) => Number(text.replace(/inf/i, "Infinity")),
  date: parseDay,
  timestamp: parseMoment,
  "array<float>": () => undefined,
};

/** `told` holds null_count, min, max and has_nan, each where it is known. */
export const statisticsOf = (type: ColumnType, told: ReadonlyMap<string, string>): ColumnStatistics => {
  const bound = (key: "min" | "max"): Bound | undefined => {
    const text = told.get(key);
    return text === undefined ? undefined : parsers[type](text);
  };
  const nulls = told.get("null_count");
  const bounded = told.get("has_nan") !== "true";
  return {
    nulls: nulls === undefined ? undefined : Number(nulls),
    min: bounded ? bound("min") : undefined,
    max: bounded ? bound("max") : undefined,
    bounded,
  };
};
