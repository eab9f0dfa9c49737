/** Codecs: every compression that Parquet pages come in, by the platform where it has one, else by libraries. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Compressors } from "hyparquet";
import { decompressLz4, decompressLz4Raw, decompressZstd } from "hyparquet-compressors";
import { snappyUncompressor } from "hysnappy";

type Decompress = (bytes: Uint8Array, length: number) => Uint8Array;

/** A page without values has no bytes, which is nothing that a codec knows. */
const filled =
  (decompress: Decompress): Decompress =>
  (bytes, length) =>
    length === 0 ? new Uint8Array(0) : decompress(bytes, length);

/** By the names in a file's footer; what is missing (LZO) no engine reads any more. LZ4 is that of Hadoop. */
export const compressors = {
  SNAPPY: filled(snappyUncompressor()),
  GZIP: filled((bytes, length) => gunzipSync(bytes, { maxOutputLength: length })),
  BROTLI: filled((bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: length })),
  ZSTD: filled((bytes) => decompressZstd(bytes)),
  LZ4: filled(decompressLz4),
  LZ4_RAW: filled(decompressLz4Raw),
} satisfies Compressors;
