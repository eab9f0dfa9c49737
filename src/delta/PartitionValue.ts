/** PartitionValue: a partition column's value, which stands in the log as text and not in the data file. */
import type { ColumnType } from "../domain/Columns.ts";

/** The value in the port's representation; null for an empty one, undefined where the text is none of the type. */
export const parsePartitionValue = (type: ColumnType, text: string | null | undefined): unknown => {
  if (text === null || text === undefined || text === "") return null;
  switch (type) {
    case "string":
      return text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "integer":
      return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
    case "long":
      return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
    case "float":
    case "double":
      return parseNumber(text);
    case "date":
      return parseDay(text);
    case "timestamp":
      return parseTimestamp(text);
    case "array<float>":
      return undefined;
  }
};

const parseNumber = (text: string): number | undefined => {
  if (text === "NaN") return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
};

const parseDay = (text: string): number | undefined => {
  const millis = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(millis) ? undefined : millis / 86_400_000;
};

/** `YYYY-MM-DD hh:mm:ss[.ffffff]`, in UTC, or the same with T and Z. */
const parseTimestamp = (text: string): bigint | undefined => {
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?Z?$/.exec(text);
  if (match === null) return undefined;
  const millis = Date.parse(`${match[1]}T${match[2]}Z`);
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1000n + BigInt((match[3] ?? "").padEnd(6, "0"));
};
