/**
 * Batch: record batches of format 2 (Kafka 0.11 and later), https://kafka.apache.org/documentation/#recordbatch.
 *
 * The checksum covers what stands behind it. Base offset, length, leader epoch and format stand before it.
 */
import { Either } from "effect";
import { type Cursor, cursorOf, int8, varint, view } from "../Cursor.ts";
import { codecOf, largestUncompressed } from "./Codec.ts";

export const headerBytes = 61;

export interface BatchHeader {
  readonly base: bigint;
  readonly lastDelta: number;
  readonly count: number;
  readonly attributes: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: bigint;
}

export interface StoredRecord {
  readonly offset: bigint;
  /** Unix milliseconds; negative where there is none. */
  readonly timestamp: number;
  readonly value: Buffer | undefined;
  readonly headers: ReadonlyMap<string, Buffer>;
}

/** Why records cannot be had: their bytes are not what they should be, or of a kind that is not known here. */
export interface Trouble {
  readonly _tag: "Damaged" | "Unknown";
  readonly reason: string;
}

export const damaged = (reason: string): Either.Either<never, Trouble> => Either.left({ _tag: "Damaged", reason });
export const unknown = (reason: string): Either.Either<never, Trouble> => Either.left({ _tag: "Unknown", reason });

export const headerAt = (bytes: Buffer, at: number): BatchHeader => ({
  base: bytes.readBigInt64BE(at),
  attributes: bytes.readInt16BE(at + 21),
  lastDelta: bytes.readInt32BE(at + 23),
  baseTimestamp: Number(bytes.readBigInt64BE(at + 27)),
  maxTimestamp: Number(bytes.readBigInt64BE(at + 35)),
  producerId: bytes.readBigInt64BE(at + 43),
  count: bytes.readInt32BE(at + 57),
});

export const hasAppendTime = (attributes: number): boolean => (attributes & 8) !== 0;
export const isTransactional = (attributes: number): boolean => (attributes & 16) !== 0;
export const isControl = (attributes: number): boolean => (attributes & 32) !== 0;

/** No batch holds more: what claims to would take far more memory than its bytes. */
export const mostRecords = 1_000_000;
export const noHeaders: ReadonlyMap<string, Buffer> = new Map();
export const nothing = Buffer.alloc(0);

/** The compressed part of a batch, uncompressed. */
export const uncompressed = (attributes: number, bytes: Buffer): Either.Either<Uint8Array, Trouble> => {
  const codec = codecOf(attributes);
  if (codec === undefined) return unknown(`is compressed by codec ${attributes & 7}, which this version does not know`);
  const content = codec.uncompress(bytes, largestUncompressed);
  return content === undefined
    ? damaged(`is not ${codec.name}, or takes more than ${largestUncompressed} bytes uncompressed`)
    : Either.right(content);
};

const headersOf = (cursor: Cursor): StoredRecord["headers"] => {
  const count = varint(cursor);
  if (count === 0) return noHeaders;
  const headers = new Map<string, Buffer>();
  for (let i = 0; i < count && !cursor.beyond; i++) {
    const name = view(cursor, varint(cursor)) ?? nothing;
    headers.set(name.toString("utf8"), view(cursor, varint(cursor)) ?? nothing);
  }
  return headers;
};

/** Of a batch that is whole: `bytes` ends where it ends. */
export const recordsOf = (header: BatchHeader, bytes: Buffer): Either.Either<ReadonlyArray<StoredRecord>, Trouble> => {
  const { attributes, base, baseTimestamp, count, lastDelta, maxTimestamp } = header;
  if (count > mostRecords) return damaged(`has ${count} records, more than ${mostRecords}`);
  return Either.flatMap(uncompressed(attributes, bytes.subarray(headerBytes)), (content) => {
    const cursor = cursorOf(content);
    const records: Array<StoredRecord> = [];
    let before = -1;
    while (records.length < count) {
      const length = varint(cursor);
      const end = cursor.at + length;
      int8(cursor);
      const timestamp = baseTimestamp + varint(cursor);
      const delta = varint(cursor);
      view(cursor, varint(cursor));
      const value = view(cursor, varint(cursor));
      const headers = headersOf(cursor);
      if (cursor.beyond || cursor.at !== end || delta <= before || delta > lastDelta) {
        return damaged(`has ${count} records, of which number ${records.length + 1} cannot be read`);
      }
      before = delta;
      records.push({
        offset: base + BigInt(delta),
        timestamp: hasAppendTime(attributes) ? maxTimestamp : timestamp,
        value,
        headers,
      });
    }
    return cursor.at === content.length
      ? Either.right(records)
      : damaged(`has more bytes than its ${count} records take`);
  });
};
