/**
 * Lz4: LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md), one after the other.
 *
 * Their own checksums are stepped over: the batch's covers the same bytes, and old Kafka clients wrote a wrong one into the
 * header.
 */
import { type Growing, growing, grown, put, repeat } from "./Growing.ts";

const frameMagic = 0x184d2204;
const version = 1;

/** Sequences of literals and a match; the last one is literals alone. */
const uncompressBlock = (block: Buffer, out: Growing): boolean => {
  let at = 0;
  /** The length that begins with the 4 bits `first` and goes on at `at`; endless where the block ends within it. */
  const lengthFrom = (first: number): number => {
    let length = first;
    for (let more = first === 15; more; ) {
      if (at === block.length) return Number.POSITIVE_INFINITY;
      const byte = block[at++]!;
      length += byte;
      more = byte === 255;
    }
    return length;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = lengthFrom(token >>> 4);
    if (literals > block.length - at || !put(out, block.subarray(at, at + literals))) return false;
    at += literals;
    if (at === block.length) return true;
    if (at + 2 > block.length) return false;
    const distance = block.readUInt16LE(at);
    at += 2;
    if (!repeat(out, distance, lengthFrom(token & 15) + 4)) return false;
  }
  return false;
};

/** Undefined where the bytes are no LZ4 frames, or more than `limit` come out of them. */
export const uncompressLz4 = (bytes: Buffer, limit: number): Uint8Array | undefined => {
  const out = growing(4 * bytes.length, limit);
  let at = 0;
  while (at < bytes.length) {
    if (at + 7 > bytes.length || bytes.readUInt32LE(at) !== frameMagic) return undefined;
    const flags = bytes[at + 4]!;
    if (flags >>> 6 !== version || (flags & 1) !== 0) return undefined;
    const blockChecksum = (flags & 16) === 0 ? 0 : 4;
    const contentSize = (flags & 8) === 0 ? 0 : 8;
    const contentChecksum = (flags & 4) === 0 ? 0 : 4;
    at += 7 + contentSize;
    while (true) {
      if (at + 4 > bytes.length) return undefined;
      const head = bytes.readUInt32LE(at);
      at += 4;
      if (head === 0) break;
      const size = head & 0x7fffffff;
      if (size > bytes.length - at) return undefined;
      const block = bytes.subarray(at, at + size);
      const fits = head >>> 31 === 1 ? put(out, block) : uncompressBlock(block, out);
      if (!fits) return undefined;
      at += size + blockChecksum;
    }
    at += contentChecksum;
  }
  return at === bytes.length ? grown(out) : undefined;
};
