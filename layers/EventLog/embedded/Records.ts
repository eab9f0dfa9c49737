/**
 * Records: how the log lies in the store.
 *
 * Table `log`: u32 partition, u64 offset (big-endian, so in order) → f64 time of appending (ms), value.
 * Table `groups`: counters of the log, and per consumer group its lease and positions.
 * All functions run inside `store.read` or `store.write`.
 */
import { randomUUID } from "node:crypto";
import type { LogRecord } from "../../../src/ports/EventLog.ts";
import type { StoreService } from "../../engines/lmdb/Store.ts";

const timeSize = 8;

/** The record as stored; made before the transaction. */
export const stamped = (value: Uint8Array, now: number): Buffer => {
  const bytes = Buffer.allocUnsafe(timeSize + value.length);
  bytes.writeDoubleLE(now, 0);
  bytes.set(value, timeSize);
  return bytes;
};

const recordKey = (partition: number, offset: bigint): Buffer => {
  const key = Buffer.allocUnsafe(12);
  key.writeUInt32BE(partition, 0);
  key.writeBigUInt64BE(offset, 4);
  return key;
};

const lastOffset = 0xffff_ffff_ffff_ffffn;
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const words = new TextDecoder();
const offsetOf = (key: Uint8Array): bigint => viewOf(key).getBigUint64(4);

const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64LE(value, 0);
  return bytes;
};

const numbered = (name: string, partition: number): Buffer => Buffer.from(`${name}\u0000${partition}`);
const positionKey = (group: string, partition: number): Buffer =>
  Buffer.from(`position\u0000${group}\u0000${partition}`);
const identityKey = Buffer.from("identity");
const partitionsKey = Buffer.from("partitions");
const epochKey = Buffer.from("epoch");

export type Records = ReturnType<typeof makeRecords>;

export const makeRecords = ({ tables: { log, groups } }: StoreService) => {
  const number = (key: Buffer): bigint | undefined => {
    const bytes = groups.get(key);
    return bytes === undefined ? undefined : viewOf(bytes).getBigUint64(0, true);
  };

  const range = (partition: number, from: bigint, limit: number) =>
    log.getRange({
      start: recordKey(partition, from),
      end: recordKey(partition, lastOffset),
      limit,
    });

  return {
    /** The number of partitions; `wanted` becomes it where the log is new. Within a write. */
    settlePartitions: (wanted: number): number => {
      const existing = number(partitionsKey);
      if (existing !== undefined) return Number(existing);
      groups.put(partitionsKey, u64(BigInt(wanted)));
      return wanted;
    },
    /** The log's identity, made where there is none. Within a write. */
    settleIdentity: (): string => {
      const existing = groups.get(identityKey);
      if (existing !== undefined) return words.decode(existing);
      const identity = randomUUID();
      groups.put(identityKey, Buffer.from(identity));
      return identity;
    },
    /** The offset of the next record. */
    end: (partition: number): bigint => number(numbered("end", partition)) ?? 0n,
    setEnd: (partition: number, end: bigint): void => {
      groups.put(numbered("end", partition), u64(end));
    },
    /** The offset of the first record that is kept. */
    start: (partition: number): bigint => number(numbered("start", partition)) ?? 0n,
    put: (partition: number, offset: bigint, stampedValue: Buffer): void => {
      log.put(recordKey(partition, offset), stampedValue);
    },
    from: (partition: number, from: bigint, max: number): Array<LogRecord> => {
      const records: Array<LogRecord> = [];
      for (const { key, value } of range(partition, from < 0n ? 0n : from, max)) {
        records.push({
          offset: offsetOf(key),
          appendedAt: viewOf(value).getFloat64(0, true) / 1000,
          value: value.subarray(timeSize),
        });
      }
      return records;
    },
    position: (group: string, partition: number): bigint | undefined => number(positionKey(group, partition)),
    setPosition: (group: string, partition: number, next: bigint): void => {
      groups.put(positionKey(group, partition), u64(next));
    },
    /** Takes `count` numbers that no process took before; answers the first. Within a write. */
    takeEpochs: (count: number): number => {
      const first = Number(number(epochKey) ?? 1n);
      groups.put(epochKey, u64(BigInt(first + count)));
      return first;
    },
    /** Deletes at most `limit` of the oldest records, appended before `cutoff` and below `floor`; answers how many. */
    trim: (partition: number, cutoff: number, floor: bigint, limit: number): number => {
      const start = number(numbered("start", partition)) ?? 0n;
      const keys: Array<Uint8Array> = [];
      for (const { key, value } of range(partition, start, limit)) {
        if (offsetOf(key) >= floor || viewOf(value).getFloat64(0, true) >= cutoff) break;
        keys.push(key);
      }
      const last = keys.at(-1);
      if (last === undefined) return 0;
      for (const key of keys) log.remove(key);
      groups.put(numbered("start", partition), u64(offsetOf(last) + 1n));
      return keys.length;
    },
  };
};
