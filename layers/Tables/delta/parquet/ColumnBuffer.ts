/** ColumnBuffer: the values of one column on their way into a row group, checked against the column's type. */
import type { Column, ColumnType, Field } from "../../../../src/domain/Columns.ts";

export interface ColumnBuffer {
  readonly field: Field;
  /** One per row, as hyparquet-writer takes them: null where there is none; lists are Float32Arrays. */
  readonly values: Array<unknown>;
  /** Memory that the values take while they are written, about. */
  bytes: number;
  /** Where the next list goes: many have one piece of memory, which costs less than one each. */
  room: Float32Array;
}

const noRoom = new Float32Array(0);

export const makeColumnBuffer = (field: Field): ColumnBuffer => ({ field, values: [], bytes: 0, room: noRoom });

export const clear = (buffer: ColumnBuffer): void => {
  buffer.values.length = 0;
  buffer.bytes = 0;
};

interface Kind {
  readonly wanted: string;
  /** The value to be written, or undefined where it is not of the type. */
  readonly take: (value: unknown, buffer: ColumnBuffer) => unknown;
}

const takeInteger = (value: unknown): unknown =>
  typeof value === "number" && (value | 0) === value ? value : undefined;

const takeLong = (value: unknown): unknown =>
  typeof value === "bigint" && BigInt.asIntN(64, value) === value ? value : undefined;

/** Floats that lists are copied into at once. */
const roomFloats = 1 << 16;

/** A copy: the batch's owner may use the vector again. */
const takeFloats = (value: unknown, buffer: ColumnBuffer): unknown => {
  const isTyped = value instanceof Float32Array || value instanceof Float64Array;
  const isList = Array.isArray(value) && value.every((element) => typeof element === "number");
  if (!isTyped && !isList) return undefined;
  if (buffer.room.length < value.length) buffer.room = new Float32Array(Math.max(roomFloats, value.length));
  const list = buffer.room.subarray(0, value.length);
  list.set(value);
  buffer.room = buffer.room.subarray(value.length);
  return list;
};

const kinds: Readonly<Record<ColumnType, Kind>> = {
  string: { wanted: "a string", take: (value) => (typeof value === "string" ? value : undefined) },
  boolean: { wanted: "a boolean", take: (value) => (typeof value === "boolean" ? value : undefined) },
  integer: { wanted: "a 32-bit integer", take: takeInteger },
  date: { wanted: "a day as a 32-bit integer", take: takeInteger },
  long: { wanted: "a 64-bit bigint", take: takeLong },
  timestamp: { wanted: "microseconds as a 64-bit bigint", take: takeLong },
  // Rounded here, so that the statistics bound what is written.
  float: { wanted: "a number", take: (value) => (typeof value === "number" ? Math.fround(value) : undefined) },
  double: { wanted: "a number", take: (value) => (typeof value === "number" ? value : undefined) },
  "array<float>": { wanted: "a Float32Array", take: takeFloats },
};

/** What a list takes beside its elements. */
const listBytes = 128;

const bytesOf = (value: unknown): number =>
  typeof value === "string"
    ? 24 + value.length
    : typeof value === "bigint"
      ? 24
      : value instanceof Float32Array
        ? listBytes + value.byteLength
        : 8;

const describe = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : `${typeof value} ${String(value).slice(0, 40)}`;

/**
 * Takes rows `from` to `to` of a column; answers what is wrong with the first bad value, or undefined. After a fault
 * the buffer's content is not defined.
 */
export const append = (buffer: ColumnBuffer, column: Column, from: number, to: number): string | undefined => {
  const { name, type, nullable } = buffer.field;
  const { wanted, take } = kinds[type];
  for (let i = from; i < to; i++) {
    const value = column[i];
    if (value === null || value === undefined) {
      if (!nullable) return `column ${name} may not be null, but row ${i} of the batch has none`;
      buffer.values.push(null);
      continue;
    }
    const taken = take(value, buffer);
    if (taken === undefined) return `column ${name}, row ${i} of the batch: expected ${wanted}, got ${describe(value)}`;
    buffer.values.push(taken);
    buffer.bytes += bytesOf(taken);
  }
  return undefined;
};
