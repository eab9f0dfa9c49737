/**
 * PackedFollowers: an item's followers as text that a payload can hold: base64 of the total as f64, then the counts as f64, then
 * the items as u32, little-endian: 8 + 12 bytes each, before base64.
 */
import type { ItemFollowers } from "../../../src/ports/ItemIndex.ts";

const [countBytes, itemBytes] = [8, 4];

const bytesOf = ({ buffer, byteLength, byteOffset }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export const packFollowers = ({ counts, items, total }: ItemFollowers): string =>
  Buffer.concat([Float64Array.of(total), counts, items].map(bytesOf)).toString("base64");

export const unpackFollowers = (text: string): ItemFollowers => {
  // A copy of its own begins where numbers may begin.
  const { buffer, length } = new Uint8Array(Buffer.from(text, "base64"));
  const size = Math.max(0, Math.floor((length - countBytes) / (countBytes + itemBytes)));
  if (length < countBytes) return { items: new Uint32Array(0), counts: new Float64Array(0), total: 0 };
  const [total = 0] = new Float64Array(buffer, 0, 1);
  return {
    items: new Uint32Array(buffer, countBytes * (size + 1), size),
    counts: new Float64Array(buffer, countBytes, size),
    total,
  };
};
