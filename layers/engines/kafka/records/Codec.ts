/** Codec: how a batch's records are compressed, by the number in its attributes. */
import { gunzipSync } from "node:zlib";
import { uncompressLz4 } from "./Lz4.ts";
import { uncompressSnappy } from "./Snappy.ts";
import { uncompressZstd } from "./Zstd.ts";

/** No batch becomes larger than this: what claims to is a decompression bomb, or damaged. */
export const largestUncompressed = 64 * 1024 * 1024;

interface Codec {
  readonly name: string;
  /** Undefined where the bytes are not of this codec, or more than `limit` would come out of them. */
  readonly uncompress: (bytes: Buffer, limit: number) => Uint8Array | undefined;
}

const uncompressGzip = (bytes: Buffer, limit: number): Uint8Array | undefined => {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch {
    return undefined;
  }
};

const codecs: ReadonlyArray<Codec> = [
  { name: "none", uncompress: (bytes) => bytes },
  { name: "gzip", uncompress: uncompressGzip },
  { name: "snappy", uncompress: uncompressSnappy },
  { name: "lz4", uncompress: uncompressLz4 },
  { name: "zstd", uncompress: uncompressZstd },
];

export const codecOf = (attributes: number): Codec | undefined => codecs[attributes & 7];
