/**
 * Snappy: raw (https://github.com/google/snappy/blob/main/format_description.txt), as librdkafka writes it, or in the
 * framing of the Java library snappy-java, as most other clients do: a header, then chunks that begin with their length.
 */
import { snappyUncompressor } from "hysnappy";
import { growing, grown, put } from "./Growing.ts";

const uncompress = snappyUncompressor();

/** Then two numbers of 32 bits: version, and the version it is compatible with. */
const framing = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const framingHeader = framing.length + 8;

/** The length that raw snappy begins with: 7 bits a byte, the lowest first. */
const lengthOf = (raw: Uint8Array): number => {
  let length = 0;
  for (let i = 0; i < 5 && i < raw.length; i++) {
    length += (raw[i]! & 127) * 128 ** i;
    if (raw[i]! < 128) return length;
  }
  return Number.POSITIVE_INFINITY;
};

const uncompressRaw = (raw: Uint8Array, limit: number): Uint8Array | undefined => {
  const length = lengthOf(raw);
  if (length > limit) return undefined;
  try {
    return uncompress(raw, length);
  } catch {
    return undefined;
  }
};

/** Undefined where the bytes are not snappy, or more than `limit` come out of them. */
export const uncompressSnappy = (bytes: Buffer, limit: number): Uint8Array | undefined => {
  if (!bytes.subarray(0, framing.length).equals(framing)) return uncompressRaw(bytes, limit);
  const out = growing(4 * bytes.length, limit);
  let at = framingHeader;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readInt32BE(at);
    if (end < at + 4 || end > bytes.length) return undefined;
    const chunk = uncompressRaw(bytes.subarray(at + 4, end), limit);
    if (chunk === undefined || !put(out, chunk)) return undefined;
    at = end;
  }
  return at === bytes.length ? grown(out) : undefined;
};
