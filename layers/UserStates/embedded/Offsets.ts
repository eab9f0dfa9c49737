/** Offsets: as they are stored, u64 little-endian. */

export const encodeOffset = (offset: bigint): Buffer => {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64LE(offset);
  return bytes;
};

/** At the beginning of at least 8 bytes. */
export const decodeOffset = (bytes: Uint8Array): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
