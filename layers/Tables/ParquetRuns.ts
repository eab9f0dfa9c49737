/**
 * ParquetRuns: small numbers as a file stores them, in runs of one value and packed in bits (Parquet's RLE/bit-packed
 * hybrid): levels, and places in a dictionary.
 */
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { readVarInt } from "hyparquet/src/thrift.js";

const readerOf = (bytes: Uint8Array) => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

const widthOf = (top: number): number => 32 - Math.clz32(top);

/** Whether the bytes begin with one run of `count` times `top`, as where no value is missing. */
const isOneRun = (bytes: Uint8Array, top: number, count: number): boolean => {
  if (widthOf(top) > 8 || bytes.length < 2) return false;
  const reader = readerOf(bytes);
  const header = readVarInt(reader);
  return (header & 1) === 0 && header >>> 1 >= count && bytes[reader.offset] === top;
};

/** Levels from 0 to `top`. */
export const levelsIn = (bytes: Uint8Array, top: number, count: number): Uint8Array => {
  const levels = new Uint8Array(count);
  readRleBitPackedHybrid(readerOf(bytes), widthOf(top), levels, bytes.length);
  return levels;
};

/** As `levelsIn`; none where each is `top`. */
export const levelsBelow = (bytes: Uint8Array, top: number, count: number): Uint8Array => {
  if (isOneRun(bytes, top, count)) return new Uint8Array(0);
  const levels = levelsIn(bytes, top, count);
  return levels.every((level) => level === top) ? new Uint8Array(0) : levels;
};

/** Places in a dictionary; the first byte tells how many bits each takes. */
export const placesIn = (bytes: Uint8Array, count: number): Int32Array => {
  const places = new Int32Array(count);
  const [width = 0] = bytes;
  if (width > 0) readRleBitPackedHybrid(readerOf(bytes.subarray(1)), width, places, bytes.length - 1);
  return places;
};
