/**
 * Entry: an item as it is stored under its index: u64 little-endian number of its last change, u32 bytes of its id, the id, and its
 * record as JSON, of no bytes where it has none.
 */
import type { PageWriter } from "../../../src/domain/ItemPage.ts";
import type { ItemRecord } from "../../../src/domain/ItemRecord.ts";
import { decodeRecord, encodeRecord } from "../../../src/domain/RecordCodec.ts";
import type { StoredItem } from "../../../src/ports/Catalogue.ts";

const idAt = 12;

export const encodeEntry = ({ itemId, number, record }: StoredItem): Buffer => {
  const text = record === undefined ? "" : encodeRecord(record);
  const idBytes = Buffer.byteLength(itemId);
  const entry = Buffer.allocUnsafe(idAt + idBytes + Buffer.byteLength(text));
  entry.writeBigUInt64LE(BigInt(number), 0);
  entry.writeUInt32LE(idBytes, 8);
  entry.write(itemId, idAt);
  entry.write(text, idAt + idBytes);
  return entry;
};

const u32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Where the id ends; undefined: it is no entry. */
const idEnd = (entry: Buffer): number | undefined => {
  if (entry.length < idAt) return undefined;
  const end = idAt + entry.readUInt32LE(8);
  return end > entry.length ? undefined : end;
};

/** Undefined: it is no entry. */
export const idOfEntry = (bytes: Uint8Array): string | undefined => {
  const entry = bufferOf(bytes);
  const end = idEnd(entry);
  return end === undefined ? undefined : entry.toString("utf8", idAt, end);
};

/** Whether it is an entry; then the writer has its item. */
export const appendEntry = (writer: PageWriter, itemIdx: number, bytes: Uint8Array): boolean => {
  if (bytes.length < idAt) return false;
  const idBytes = u32At(bytes, 8);
  if (idAt + idBytes > bytes.length) return false;
  writer.append(bytes);
  writer.end(itemIdx, u32At(bytes, 0) + 2 ** 32 * u32At(bytes, 4), idAt, idBytes);
  return true;
};

/** Undefined: it is no entry. */
export const decodeEntry = (itemIdx: number, bytes: Uint8Array): StoredItem | undefined => {
  const entry = bufferOf(bytes);
  const end = idEnd(entry);
  if (end === undefined) return undefined;
  let record: ItemRecord | undefined;
  if (end < entry.length) {
    record = decodeRecord(entry.toString("utf8", end));
    if (record === undefined) return undefined;
  }
  return {
    itemId: entry.toString("utf8", idAt, end),
    itemIdx,
    record,
    number: entry.readUInt32LE(0) + 2 ** 32 * entry.readUInt32LE(4),
  };
};
