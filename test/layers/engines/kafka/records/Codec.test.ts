import { gzipSync } from "node:zlib";
import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { codecOf } from "../../../../../layers/engines/kafka/records/Codec.ts";
import { crc32c } from "../../../../../layers/engines/kafka/records/Crc32c.ts";
import { type CodecName, compress, lz4Frame, zstdFrame } from "./encoding.ts";

const numbers: Readonly<Record<CodecName, number>> = { none: 0, gzip: 1, snappy: 2, xerial: 2, lz4: 3, zstd: 4 };
const uncompress = (name: CodecName, bytes: Uint8Array, limit = 1 << 20) =>
  codecOf(numbers[name])!.uncompress(Buffer.from(bytes), limit);

/** Bytes with and without repetitions, near and far. */
const content = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 60 })), { maxLength: 30 })
  .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))));

describe.each(["gzip", "snappy", "xerial", "lz4", "zstd"] as const)("%s", (name) => {
  it("gives back what went in, also more than one block of it", () => {
    fc.assert(
      fc.property(content, (bytes) => {
        expect(Buffer.compare(uncompress(name, compress[name](bytes))!, bytes)).toBe(0);
      }),
      { numRuns: 60 },
    );
    const large = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) >>> (i % 7)));
    expect(Buffer.compare(uncompress(name, compress[name](large))!, large)).toBe(0);
  });

  it("refuses what takes more than the limit", () => {
    const zeros = Buffer.alloc(300_000);
    const packed = compress[name](zeros);
    expect(uncompress(name, packed, 300_000)).toHaveLength(300_000);
    expect(uncompress(name, packed, 299_999)).toBeUndefined();
  });

  it("answers something to any bytes, and never more than the limit", () => {
    const limit = 4096;
    const spoilt = fc
      .tuple(content, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(20))
      .map(([bytes, changes, cut]) => {
        const packed = Buffer.from(compress[name](bytes));
        for (const [at, byte] of changes) packed[at % packed.length] = byte;
        return packed.subarray(0, Math.max(0, packed.length - cut));
      });
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(uncompress(name, bytes, limit)?.length ?? 0).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 500 },
    );
  });
});

it("takes frames one after the other, and of zstd those that do not tell their size", () => {
  const [a, b] = [Buffer.from("first"), Buffer.alloc(200_000, 7)];
  const both = Buffer.concat([a, b]);
  for (const name of ["lz4", "zstd", "gzip"] as const) {
    expect(Buffer.compare(uncompress(name, Buffer.concat([compress[name](a), compress[name](b)]))!, both)).toBe(0);
  }
  const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const frames = Buffer.concat([zstdFrame(a, false), skippable, zstdFrame(b, false)]);
  expect(Buffer.compare(uncompress("zstd", frames, 4 << 20)!, both)).toBe(0);
});

it("makes no room for what a bomb claims", () => {
  const limit = 1 << 20;
  const before = process.memoryUsage().arrayBuffers;
  const bombs: ReadonlyArray<readonly [CodecName, Uint8Array]> = [
    ["gzip", gzipSync(Buffer.alloc(16 << 20))],
    // 4 GiB, by the length that it begins with.
    ["snappy", Buffer.from([255, 255, 255, 255, 15, 0, 65])],
    ["lz4", Buffer.concat([lz4Frame(Buffer.alloc(16 << 20), 4 << 20)])],
    // 2 GiB of window, of one byte.
    ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0b1010_1000, 9, 0, 0, 65])],
    // 4 GiB of content, claimed.
    ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000, 255, 255, 255, 255, 9, 0, 0, 65])],
    // 8 GiB in blocks of 4 bytes.
    [
      "zstd",
      Buffer.concat([
        Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0b0011_1000]),
        ...Array.from({ length: 65_536 }, () => Buffer.from([2, 0, 16, 65])),
        Buffer.from([1, 0, 0]),
      ]),
    ],
  ];
  for (const [name, bytes] of bombs) expect(uncompress(name, bytes, limit), name).toBeUndefined();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 << 20);
});

it("the checksum is CRC-32C", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  // RFC 3720, B.4.
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 255))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
  expect(crc32c(Buffer.alloc(0))).toBe(0);
});
