/**
 * Zstd: Zstandard frames (RFC 8878), one after the other.
 *
 * The decompressor makes room for whatever a frame's header claims. So the headers of frames and blocks are read first, and
 * bound what can come out: a block never more than 128 KiB.
 */
import { decompress } from "fzstd";
import { growing, grown, put } from "./Growing.ts";

const frameMagic = 0xfd2fb528;
/** The lowest of 16 magic numbers of frames that hold nothing to decompress. */
const skippableMagic = 0x184d2a50;
const largestBlock = 128 * 1024;

interface Frame {
  readonly end: number;
  /** The most that can come out of it, and the most that is kept meanwhile. */
  readonly most: number;
  readonly window: number;
}

const littleEndian = (bytes: Buffer, at: number, size: number): number => {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
};

/** The frame that begins at `start`; undefined where it is cut off. */
const frameAt = (bytes: Buffer, start: number): Frame | undefined => {
  const descriptor = bytes[start + 4] ?? 0;
  const single = (descriptor & 32) !== 0;
  const sizeCode = descriptor >>> 6;
  const sizeBytes = sizeCode === 0 ? (single ? 1 : 0) : 1 << sizeCode;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeAt = start + (single ? 5 : 6) + dictionaryBytes;
  const size = littleEndian(bytes, sizeAt, sizeBytes) + (sizeCode === 1 ? 256 : 0);
  const exponent = bytes[start + 5] ?? 0;
  const base = 2 ** (10 + (exponent >>> 3));
  const window = single ? size : base + (base / 8) * (exponent & 7);
  let at = sizeAt + sizeBytes;
  let most = 0;
  let last = false;
  while (!last) {
    if (at + 3 > bytes.length) return undefined;
    const head = bytes.readUIntLE(at, 3);
    last = (head & 1) === 1;
    const kind = (head >>> 1) & 3;
    const length = head >>> 3;
    // Of the kinds 0 raw, 1 one byte repeated, 2 compressed.
    most += kind === 2 ? largestBlock : length;
    at += 3 + (kind === 1 ? 1 : length);
  }
  if ((descriptor & 4) !== 0) at += 4;
  if (at > bytes.length) return undefined;
  return { end: at, most: sizeBytes === 0 ? most : size, window };
};

/** Undefined where the bytes are no Zstandard frames, or more than `limit` can come out of them. */
export const uncompressZstd = (bytes: Buffer, limit: number): Uint8Array | undefined => {
  const out = growing(4 * bytes.length, limit);
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) return undefined;
    const magic = bytes.readUInt32LE(at);
    if ((magic & 0xfffffff0) === skippableMagic) {
      at += 8 + bytes.readUInt32LE(at + 4);
      continue;
    }
    const frame = magic === frameMagic ? frameAt(bytes, at) : undefined;
    if (frame === undefined || frame.window > limit || frame.most > limit + largestBlock) return undefined;
    try {
      if (!put(out, decompress(bytes.subarray(at, frame.end)))) return undefined;
    } catch {
      return undefined;
    }
    at = frame.end;
  }
  return at === bytes.length ? grown(out) : undefined;
};
