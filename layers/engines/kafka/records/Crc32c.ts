/** Crc32c: the checksum of record batches: CRC-32 by Castagnoli's polynomial (RFC 3720, B.4), four bytes a step. */
const polynomial = 0x82f63b78;

/** tables[256 k + byte]: the remainder of `byte` followed by k zero bytes. */
const tables = new Int32Array(4 * 256);
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (polynomial & -(remainder & 1));
  tables[byte] = remainder;
}
for (let i = 256; i < tables.length; i++) {
  const before = tables[i - 256]!;
  tables[i] = (before >>> 8) ^ tables[before & 255]!;
}

export const crc32c = (bytes: Uint8Array): number => {
  const { length } = bytes;
  let crc = -1;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      tables[768 + (crc & 255)]! ^
      tables[512 + ((crc >>> 8) & 255)]! ^
      tables[256 + ((crc >>> 16) & 255)]! ^
      tables[crc >>> 24]!;
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
};
