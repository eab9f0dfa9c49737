/**
 * Values: values as a file stores them as those of a table's column. A file may be older than its column, and have a
 * narrower type; any other type is a fault.
 */
import { Either } from "effect";
import type { DecodedArray, SchemaElement } from "hyparquet";
import type { Column, ColumnType } from "../../../../src/domain/Columns.ts";

export type Convert = (stored: DecodedArray) => Column;

type Kind = "integer" | "days" | "millis" | "micros" | "nanos" | "text" | "plain" | "other";

const converted: Readonly<Record<string, Kind>> = {
  INT_8: "integer",
  INT_16: "integer",
  INT_32: "integer",
  INT_64: "integer",
  UINT_8: "integer",
  UINT_16: "integer",
  DATE: "days",
  TIMESTAMP_MILLIS: "millis",
  TIMESTAMP_MICROS: "micros",
  UTF8: "text",
  ENUM: "text",
  JSON: "text",
};

const units = { MILLIS: "millis", MICROS: "micros", NANOS: "nanos" } as const;

/** What a value means beyond its physical type. */
const kindOf = ({ converted_type, logical_type }: SchemaElement): Kind => {
  switch (logical_type?.type) {
    case undefined:
      return converted_type === undefined ? "plain" : (converted[converted_type] ?? "other");
    case "INTEGER":
      return logical_type.isSigned || logical_type.bitWidth < 32 ? "integer" : "other";
    case "DATE":
      return "days";
    case "TIMESTAMP":
      return units[logical_type.unit];
    case "STRING":
    case "ENUM":
    case "JSON":
      return "text";
    default:
      return "other";
  }
};

/** Keeps a byte order mark at the beginning of a text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const each =
  <A, B>(change: (value: A) => B): Convert =>
  (stored) => {
    const values = new Array<B>(stored.length);
    for (let i = 0; i < values.length; i++) values[i] = change(stored[i] as A);
    return values;
  };

const asStored: Convert = (stored) => stored;
const text = each((bytes: Uint8Array) => decoder.decode(bytes));
const longs: Convert = (stored) => BigInt64Array.from(stored as ArrayLike<number>, BigInt);
const doubles: Convert = (stored) => Float64Array.from(stored as ArrayLike<number>);

/** Down to whole microseconds, before 1970 too. */
const micros = (nanos: bigint): bigint => (nanos - (((nanos % 1000n) + 1000n) % 1000n)) / 1000n;

const julianEpoch = 2_440_588n;
const dayMicros = 86_400_000_000n;
/** Nanoseconds of the day, and above them the day by the Julian count. */
const fromInt96 = (value: bigint): bigint =>
  ((value >> 64n) - julianEpoch) * dayMicros + micros(BigInt.asIntN(64, value));

/** By column type: what a file may have instead, as `PHYSICAL kind`. */
const conversions: Readonly<Record<ColumnType, Readonly<Record<string, Convert>>>> = {
  string: { "BYTE_ARRAY text": text, "BYTE_ARRAY plain": text },
  boolean: { "BOOLEAN plain": asStored },
  integer: { "INT32 plain": asStored, "INT32 integer": asStored },
  date: { "INT32 days": asStored, "INT32 plain": asStored },
  long: { "INT64 plain": asStored, "INT64 integer": asStored, "INT32 plain": longs, "INT32 integer": longs },
  timestamp: {
    "INT64 micros": asStored,
    "INT64 millis": each((millis: bigint) => millis * 1000n),
    "INT64 nanos": each(micros),
    "INT96 plain": each(fromInt96),
  },
  float: { "FLOAT plain": asStored },
  double: {
    "DOUBLE plain": asStored,
    "FLOAT plain": doubles,
    "INT32 plain": doubles,
    "INT32 integer": doubles,
  },
  "array<float>": { "FLOAT plain": asStored },
};

const described = ({ converted_type, logical_type, type }: SchemaElement): string => {
  const meaning = converted_type ?? logical_type?.type;
  return meaning === undefined ? `${type}` : `${type} (${meaning})`;
};

/** How values of `element` become those of the column type, or what the file has instead. */
export const conversion = (type: ColumnType, element: SchemaElement): Either.Either<Convert, string> =>
  Either.fromNullable(conversions[type][`${element.type} ${kindOf(element)}`], () => described(element));
