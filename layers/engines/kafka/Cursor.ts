/**
 * Cursor: reads on through bytes by the primitive types of Kafka's protocol (https://kafka.apache.org/protocol).
 *
 * What would lie beyond the end reads as zero, nothing or empty and marks the cursor `beyond`: a reader asks once, when it
 * is through, instead of after each field.
 */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
  beyond: boolean;
}

export const cursorOf = (bytes: Uint8Array): Cursor => ({
  bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  at: 0,
  beyond: false,
});

/** Where the next `length` bytes begin, stepping over them; -1 where there are fewer. */
const step = (cursor: Cursor, length: number): number => {
  const { at, bytes } = cursor;
  if (length > bytes.length - at) {
    cursor.beyond = true;
    cursor.at = bytes.length;
    return -1;
  }
  cursor.at = at + length;
  return at;
};

export const int8 = (cursor: Cursor): number => {
  const at = step(cursor, 1);
  return at < 0 ? 0 : cursor.bytes.readInt8(at);
};

export const int16 = (cursor: Cursor): number => {
  const at = step(cursor, 2);
  return at < 0 ? 0 : cursor.bytes.readInt16BE(at);
};

export const int32 = (cursor: Cursor): number => {
  const at = step(cursor, 4);
  return at < 0 ? 0 : cursor.bytes.readInt32BE(at);
};

export const int64 = (cursor: Cursor): bigint => {
  const at = step(cursor, 8);
  return at < 0 ? 0n : cursor.bytes.readBigInt64BE(at);
};

/** Zigzag, seven bits a byte, the lowest first. Exact within ±2^53; at most ten bytes, which hold 64 bits. */
export const varint = (cursor: Cursor): number => {
  const { bytes } = cursor;
  let low = 0;
  let high = 0;
  let scale = 1;
  for (let group = 0; group < 10 && cursor.at < bytes.length; group++) {
    const byte = bytes[cursor.at++]!;
    if (group < 4) {
      low |= (byte & 127) << (7 * group);
    } else {
      high += (byte & 127) * scale;
      scale *= 128;
    }
    if (byte < 128) {
      const half = high * 2 ** 27 + (low >>> 1);
      return (low & 1) === 0 ? half : -half - 1;
    }
  }
  cursor.beyond = true;
  return 0;
};

export const unsignedVarint = (cursor: Cursor): number => {
  const value = varint(cursor);
  return value < 0 ? -2 * value - 1 : 2 * value;
};

/** A view of the next `length` bytes; undefined where `length` is negative, which is how the protocol says null. */
export const view = (cursor: Cursor, length: number): Buffer | undefined => {
  if (length < 0) return undefined;
  const at = step(cursor, length);
  return at < 0 ? undefined : cursor.bytes.subarray(at, at + length);
};

/** Empty where it is null. */
export const string = (cursor: Cursor): string => view(cursor, int16(cursor))?.toString("utf8") ?? "";

export const compactString = (cursor: Cursor): string =>
  view(cursor, unsignedVarint(cursor) - 1)?.toString("utf8") ?? "";

const repeat = <A>(cursor: Cursor, count: number, read: (cursor: Cursor) => A): ReadonlyArray<A> => {
  const all: Array<A> = [];
  for (let i = 0; i < count && !cursor.beyond; i++) all.push(read(cursor));
  return all;
};

/** Empty where it is null. */
export const array = <A>(cursor: Cursor, read: (cursor: Cursor) => A): ReadonlyArray<A> =>
  repeat(cursor, int32(cursor), read);

export const compactArray = <A>(cursor: Cursor, read: (cursor: Cursor) => A): ReadonlyArray<A> =>
  repeat(cursor, unsignedVarint(cursor) - 1, read);

/** Steps over the tagged fields that end a structure of a flexible version. */
export const taggedFields = (cursor: Cursor): void => {
  const count = unsignedVarint(cursor);
  for (let i = 0; i < count && !cursor.beyond; i++) {
    unsignedVarint(cursor);
    view(cursor, unsignedVarint(cursor));
  }
};
