/**
 * PackedFollowers: an item's followers as text that a payload can hold: base64 of the total as f64, then the counts as f64, then
 * the items as u32, little-endian: 8 + 12 bytes each, before base64.
 */
import type { ItemFollowers } from "../../../src/ports/ItemIndex.ts";

const [countBytes, itemBytes] = [8, 4];

export const packFollowers = ({ counts, items, total }: ItemFollowers): string => {
  const bytes = Buffer.alloc(countBytes + (countBytes + itemBytes) * items.length);
  bytes.writeDoubleLE(total, 0);
  counts.forEach((count, i) => {
    bytes.writeDoubleLE(count, countBytes * (i + 1));
  });
  const start = countBytes * (items.length + 1);
  items.forEach((item, i) => {
    bytes.writeUInt32LE(item, start + itemBytes * i);
  });
  return bytes.toString("base64");
};

export const unpackFollowers = (text: string): ItemFollowers => {
  const bytes = Buffer.from(text, "base64");
  const size = Math.max(0, Math.floor((bytes.length - countBytes) / (countBytes + itemBytes)));
  const start = countBytes * (size + 1);
  return {
    items: Uint32Array.from({ length: size }, (_, i) => bytes.readUInt32LE(start + itemBytes * i)),
    counts: Float64Array.from({ length: size }, (_, i) => bytes.readDoubleLE(countBytes * (i + 1))),
    total: bytes.length < countBytes ? 0 : bytes.readDoubleLE(0),
  };
};
