/**
 * Keys: how the table `items` is laid out.
 *   id      an item's id → its index
 *   item    index → number of its last change, id, record (`Entry.ts`)
 *   change  number and index of an item's last change, all in the key: keys alone are read several times as fast as entries
 *   counter how many items have an index, and the last number that was given
 */
import { createHash } from "node:crypto";

/** Longer ids are keyed by their digest; LMDB's keys end at 1978 bytes. */
const longestId = 1024;

const kinds = { id: 1, item: 2, change: 3, counter: 4, digest: 5 } as const;

export const counterKey: Buffer = Buffer.from([kinds.counter]);

export const idKey = (itemId: string): Buffer => {
  const key = Buffer.allocUnsafe(1 + 3 * itemId.length);
  key[0] = kinds.id;
  const length = key.write(itemId, 1);
  if (length <= longestId) return key.subarray(0, 1 + length);
  return Buffer.concat([Buffer.from([kinds.digest]), createHash("sha256").update(itemId).digest()]);
};

export const itemKey = (itemIdx: number): Buffer => {
  const key = Buffer.allocUnsafe(5);
  key[0] = kinds.item;
  key.writeUInt32BE(itemIdx, 1);
  return key;
};

/** Numbers are below 2^53. */
export const changeKey = (number: number, itemIdx: number): Buffer => {
  const key = Buffer.allocUnsafe(13);
  key[0] = kinds.change;
  key.writeBigUInt64BE(BigInt(number), 1);
  key.writeUInt32BE(itemIdx, 9);
  return key;
};
export const indexOfChange = (key: Buffer): number => key.readUInt32BE(9);
export const changesEnd: Buffer = Buffer.from([kinds.change + 1]);
