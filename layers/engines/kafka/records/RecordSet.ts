/**
 * RecordSet: the records in what a broker answers to a fetch: batches one after the other, the last one possibly cut off.
 *
 * Of each batch the checksum is computed before anything in it is believed; an offset stands outside of it, so offsets have
 * to ascend and to stay below the partition's end. What is damaged becomes one gap, up to the next batch that is in order,
 * and ends the set: a marker of a transaction may have been lost with it, and the next fetch tells anew which transactions
 * were aborted. Records of aborted transactions and markers become gaps without a reason.
 *
 * A set that begins with something damaged is read again before that is believed, alone, so that the broker sends its
 * first batch whole, however large (KIP-74).
 */
import { crc32 } from "node:zlib";
import { Either } from "effect";
import type { LogRecord } from "../../../../src/ports/EventLog.ts";
import {
  type BatchHeader,
  headerAt,
  headerBytes,
  isControl,
  isTransactional,
  noHeaders,
  nothing,
  recordsOf,
  type StoredRecord,
  type Trouble,
} from "./Batch.ts";
import { crc32c } from "./Crc32c.ts";
import { messagesOf } from "./MessageSet.ts";

export interface HeadedRecord extends LogRecord {
  readonly headers: StoredRecord["headers"];
}

export interface Aborted {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

export interface Reading {
  readonly partition: number;
  readonly from: bigint;
  /** Behind the partition's last offset. */
  readonly end: bigint;
  /** In the order of their first offsets. */
  readonly aborted: ReadonlyArray<Aborted>;
  /** Whether this was read before, with nothing to be had. */
  readonly again: boolean;
  /** Uncompressed bytes that may still be kept; counted down. One batch is always taken. */
  readonly room: { bytes: number };
}

export interface RecordSet {
  readonly records: ReadonlyArray<HeadedRecord>;
  /** What to read next. */
  readonly next: bigint;
  /** Why there is nothing although there are bytes. */
  readonly trouble?: Trouble;
}

/** In all formats: offset, length of what follows it, 4 bytes, format. */
const prefixBytes = 17;
const lengthEnd = 12;
const recordOverhead = 64;
/** Bytes of the smallest batch, by format. */
const smallest: Readonly<Record<number, number>> = { 0: 26, 1: 34, 2: headerBytes };

interface Frame {
  readonly size: number;
  readonly last: bigint;
  /** Undefined for the formats 0 and 1. */
  readonly header: BatchHeader | undefined;
}

const sizeAt = (bytes: Buffer, at: number): number => lengthEnd + bytes.readInt32BE(at + 8);

const checksumHolds = (bytes: Buffer, at: number, size: number): boolean =>
  bytes.readUInt32BE(at + prefixBytes) === crc32c(bytes.subarray(at + 21, at + size));

/** What stands at `at`, whole and with the right checksum. */
const frameAt = (bytes: Buffer, at: number): Frame | undefined => {
  if (bytes.length - at < prefixBytes) return undefined;
  const format = bytes.readInt8(at + 16);
  const size = sizeAt(bytes, at);
  if (size < (smallest[format] ?? Number.POSITIVE_INFINITY) || size > bytes.length - at) return undefined;
  if (format < 2) {
    const isRight = bytes.readUInt32BE(at + 12) === crc32(bytes.subarray(at + 16, at + size));
    return isRight ? { size, last: bytes.readBigInt64BE(at), header: undefined } : undefined;
  }
  if (!checksumHolds(bytes, at, size)) return undefined;
  const header = headerAt(bytes, at);
  return { size, last: header.base + BigInt(header.lastDelta), header };
};

/** What is wrong where no frame is. */
const troubleAt = (bytes: Buffer, at: number): Trouble => {
  const left = bytes.length - at;
  if (left < prefixBytes || sizeAt(bytes, at) > left) return { _tag: "Damaged", reason: "is not whole" };
  const format = bytes.readInt8(at + 16);
  const size = sizeAt(bytes, at);
  const isKnown = smallest[format] !== undefined || size < headerBytes || checksumHolds(bytes, at, size);
  return isKnown
    ? { _tag: "Damaged", reason: "fails its checksum" }
    : { _tag: "Unknown", reason: `has format ${format}, which this version does not know` };
};

/** Where the damage at `at` ends: at the next batch in order, else by what the damaged header says, as far as that can be. */
const endOfDamage = (bytes: Buffer, at: number, next: bigint, end: bigint): bigint => {
  for (let i = at + 1; i + headerBytes <= bytes.length; i++) {
    if (bytes[i + 16] !== 2) continue;
    const base = bytes.readBigInt64BE(i);
    if (base > next && base < end && frameAt(bytes, i) !== undefined) return base;
  }
  if (bytes.length - at < headerBytes) return next + 1n;
  const { base, count, lastDelta } = headerAt(bytes, at);
  // One of the two may be what is damaged: the smaller one skips nothing that is in order.
  const ends = [base + BigInt(lastDelta) + 1n, base + BigInt(count)].filter((one) => one > next && one <= end);
  return ends.sort((a, b) => (a < b ? -1 : 1))[0] ?? next + 1n;
};

/** For all offsets from `first` to the one before `next`. */
export const gapRecord = (first: bigint, next: bigint, damage?: string): HeadedRecord => ({
  offset: next - 1n,
  appendedAt: 0,
  value: nothing,
  headers: noHeaders,
  gap: { first, damage },
});

export const readRecordSet = (bytes: Buffer, { aborted, again, end, from, partition, room }: Reading): RecordSet => {
  const records: Array<HeadedRecord> = [];
  const toAbort = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const aborting = new Set<bigint>();
  let next = from;
  let at = 0;
  let frame = frameAt(bytes, 0);

  const done = (): RecordSet => {
    const last = records.at(-1);
    const behind = last === undefined ? from : last.offset + 1n;
    if (behind < next) records.push(gapRecord(behind, next));
    return { records, next };
  };
  const stop = (trouble: Trouble): RecordSet => (next > from ? done() : { records, next, trouble });
  const damaged = (reason: string): RecordSet => {
    if (next > from || !again) return stop({ _tag: "Damaged", reason });
    next = endOfDamage(bytes, at, from, end);
    const lost = `the batch of ${next - from} records at offset ${from} of partition ${partition} ${reason}`;
    return { records: [gapRecord(from, next, lost)], next };
  };

  while (at < bytes.length) {
    if (frame === undefined) {
      const trouble = troubleAt(bytes, at);
      return trouble._tag === "Damaged" ? damaged(trouble.reason) : stop(trouble);
    }
    const { header, last, size } = frame;
    const first = header?.base ?? last;
    const following = frameAt(bytes, at + size);
    const overlaps =
      first > next && following?.header !== undefined && following.header.base > next && following.header.base <= last;
    if (overlaps || last < next || last >= end || (at > 0 && first < next)) {
      return damaged(`says offset ${first}, which is out of order`);
    }
    if (room.bytes <= 0 && next > from) return done();
    while (toAbort.length > 0 && toAbort[0]!.firstOffset <= last) aborting.add(toAbort.shift()!.producerId);
    const { attributes, producerId } = header ?? { attributes: 0, producerId: -1n };
    if (isControl(attributes)) {
      aborting.delete(producerId);
    } else if (!isTransactional(attributes) || !aborting.has(producerId)) {
      const batch = bytes.subarray(at, at + size);
      const stored = header === undefined ? messagesOf(batch) : recordsOf(header, batch);
      if (Either.isLeft(stored)) {
        return stored.left._tag === "Damaged" ? damaged(stored.left.reason) : stop(stored.left);
      }
      for (const { headers, offset, timestamp, value = nothing } of stored.right) {
        if (offset < next) continue;
        room.bytes -= value.length + recordOverhead;
        records.push({ offset, appendedAt: Math.max(0, timestamp / 1000), value, headers });
      }
    }
    next = last + 1n;
    at += size;
    frame = following;
  }
  return done();
};
