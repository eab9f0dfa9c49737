/** Offsets: as they are stored, in decimal. */

/** Undefined for anything else. */
export const decodeOffset = (bytes: Buffer): bigint | undefined => {
  const text = bytes.toString("latin1");
  return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
};
