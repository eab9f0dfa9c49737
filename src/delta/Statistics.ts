/**
 * Statistics: a data file's numRecords, minValues, maxValues and nullCount, by which other engines skip files.
 *
 * A bound that cannot be told (NaN, infinity, a date no calendar prints) is left out, which skips nothing.
 */
import { Either, Schema } from "effect";
import type { ColumnType, Field } from "../domain/Columns.ts";
import { shopperColumns } from "../domain/TableSchemas.ts";
import type { Bound, ColumnStatistics } from "../ports/Tables.ts";

const wellFormed = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? 0xfffd : unit);

/** By code point, which is the order of the UTF-8 bytes; JavaScript's `<` orders by UTF-16 units. */
export const compareText = (a: string, b: string): number => {
  const shared = Math.min(a.length, b.length);
  let i = 0;
  while (i < shared && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === shared) return a.length - b.length;
  const before = i > 0 ? a.charCodeAt(i - 1) : 0;
  if (before >= 0xd800 && before <= 0xdbff) i--;
  return wellFormed(a.codePointAt(i)!) - wellFormed(b.codePointAt(i)!);
};

const compare = (a: Bound, b: Bound): number =>
  typeof a === "string" && typeof b === "string" ? compareText(a, b) : a < b ? -1 : a > b ? 1 : 0;

/** Bounds of the values that are not null; `less` is their order. */
const bound = <B extends Bound>(values: ReadonlyArray<B | null>, less: (a: B, b: B) => boolean): ColumnStatistics => {
  let nulls = 0;
  let min: B | undefined;
  let max: B | undefined;
  let bounded = true;
  for (const value of values) {
    if (value === null) nulls++;
    else if (min === undefined || max === undefined) min = max = value;
    else if (less(value, min)) min = value;
    else if (less(max, value)) max = value;
    if (Number.isNaN(value)) bounded = false;
  }
  return bounded ? { nulls, min, max, bounded } : nullStatistics(nulls);
};

/** Of one value per row of a column, null where there is none. */
export const statisticsOf = (type: ColumnType, values: ReadonlyArray<unknown>): ColumnStatistics => {
  if (type === "boolean" || type === "array<float>") {
    return nullStatistics(values.reduce<number>((nulls, value) => (value === null ? nulls + 1 : nulls), 0));
  }
  return type === "string"
    ? bound(values as ReadonlyArray<string | null>, (a, b) => compareText(a, b) < 0)
    : bound(values as ReadonlyArray<number | bigint | null>, (a, b) => a < b);
};

/** For types without an order: booleans, arrays. */
const nullStatistics = (nulls: number | undefined): ColumnStatistics => ({
  nulls,
  min: undefined,
  max: undefined,
  bounded: false,
});

export const mergeStatistics = (a: ColumnStatistics, b: ColumnStatistics): ColumnStatistics => {
  const nulls = a.nulls === undefined || b.nulls === undefined ? undefined : a.nulls + b.nulls;
  if (!a.bounded || !b.bounded) return nullStatistics(nulls);
  if (a.min === undefined || a.max === undefined) return { ...b, nulls };
  if (b.min === undefined || b.max === undefined) return { ...a, nulls };
  return {
    nulls,
    min: compare(b.min, a.min) < 0 ? b.min : a.min,
    max: compare(b.max, a.max) > 0 ? b.max : a.max,
    bounded: true,
  };
};

/** Longest text bound, in code points, as other writers keep them. */
const textLength = 32;

const printText = (text: string, upper: boolean): string => {
  const points = Array.from(text.slice(0, 2 * textLength + 2), (point) =>
    String.fromCodePoint(wellFormed(point.codePointAt(0)!)),
  );
  if (points.length <= textLength) return JSON.stringify(points.join(""));
  const prefix = points.slice(0, textLength).join("");
  const after = upper ? (points[textLength]! < "\u007f" ? "\u007f" : "\u{10ffff}") : "";
  return JSON.stringify(prefix + after);
};

const dayMillis = 86_400_000;
const firstDay = -719_162;
const lastDay = 2_932_896;

const printDay = (days: number): string | undefined =>
  days < firstDay || days > lastDay ? undefined : `"${new Date(days * dayMillis).toISOString().slice(0, 10)}"`;

/** Bounds have milliseconds: rounded outwards. */
const printTimestamp = (micros: bigint, upper: boolean): string | undefined => {
  const millis = Math.floor(Number(micros) / 1000);
  if (millis < firstDay * dayMillis || millis >= lastDay * dayMillis) return undefined;
  const floored = BigInt.asIntN(64, micros - (((micros % 1000n) + 1000n) % 1000n));
  const rounded = upper && floored !== micros ? floored + 1000n : floored;
  return `"${new Date(Number(rounded / 1000n)).toISOString()}"`;
};

const printBound = (type: ColumnType, bound: Bound, upper: boolean): string | undefined => {
  if (typeof bound === "string") return printText(bound, upper);
  if (typeof bound === "bigint") return type === "timestamp" ? printTimestamp(bound, upper) : String(bound);
  if (typeof bound === "boolean") return undefined;
  if (type === "date") return printDay(bound);
  return Number.isFinite(bound) ? String(bound) : undefined;
};

/** The `stats` text of an add action; `columns` in the order of `fields`, undefined where nothing is known. Names no shopper. */
export const printStatistics = (
  fields: ReadonlyArray<Field>,
  rows: number,
  columns: ReadonlyArray<ColumnStatistics | undefined>,
): string => {
  const minimums: Array<string> = [];
  const maximums: Array<string> = [];
  const nulls: Array<string> = [];
  fields.forEach(({ name, type }, i) => {
    const { min, max, nulls: missing } = columns[i] ?? nullStatistics(undefined);
    const key = JSON.stringify(name);
    const isTold = !shopperColumns.has(name);
    const low = min === undefined || !isTold ? undefined : printBound(type, min, false);
    const high = max === undefined || !isTold ? undefined : printBound(type, max, true);
    if (low !== undefined) minimums.push(`${key}:${low}`);
    if (high !== undefined) maximums.push(`${key}:${high}`);
    if (missing !== undefined) nulls.push(`${key}:${missing}`);
  });
  return `{"numRecords":${rows},"minValues":{${minimums}},"maxValues":{${maximums}},"nullCount":{${nulls}}}`;
};

const decodeRows = Schema.decodeUnknownEither(Schema.parseJson(Schema.Struct({ numRecords: Schema.Number })));

/** Rows of a data file by its add action's `stats`, where they tell. */
export const statisticsRows = (stats: string | undefined): number | undefined =>
  stats === undefined
    ? undefined
    : Either.getOrUndefined(Either.map(decodeRows(stats), ({ numRecords }) => numRecords));
