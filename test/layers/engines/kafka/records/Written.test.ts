/** What was written by other programs: written.json, by written.py. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { uncompressLz4 } from "../../../../../layers/engines/kafka/records/Lz4.ts";
import { uncompressSnappy } from "../../../../../layers/engines/kafka/records/Snappy.ts";
import { uncompressZstd } from "../../../../../layers/engines/kafka/records/Zstd.ts";
import { read, values } from "./reading.ts";

const written: {
  readonly events: ReadonlyArray<string>;
  readonly compressed: ReadonlyArray<readonly [codec: "snappy" | "lz4" | "zstd", bytes: string]>;
  readonly batches: ReadonlyArray<readonly [codec: number, bytes: string]>;
  readonly messages: ReadonlyArray<readonly [format: number, codec: number, bytes: string]>;
} = JSON.parse(readFileSync(new URL("./written.json", import.meta.url), "utf8"));

const uncompress = { snappy: uncompressSnappy, lz4: uncompressLz4, zstd: uncompressZstd };
const limit = 64 << 20;

describe.each(written.compressed.map(([codec, text], i) => [i, codec, Buffer.from(text, "base64")] as const))(
  "compressed %i by %s",
  (_, codec, bytes) => {
    it("is what it was", () => {
      expect(String(Buffer.from(uncompress[codec](bytes, limit)!))).toBe(written.events.join("\n"));
    });

    it("and spoilt in any way gives bytes, no more than the limit, or nothing", () => {
      const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
      fc.assert(
        fc.property(changes, fc.nat(9), (changes, cut) => {
          const spoilt = Buffer.from(bytes.subarray(0, bytes.length - cut));
          for (const [at, byte] of changes) spoilt[at % spoilt.length] = byte;
          expect(uncompress[codec](spoilt, 10_000)?.length ?? 0).toBeLessThanOrEqual(10_000);
        }),
        { numRuns: 500 },
      );
    });
  },
);

it.each(written.batches)("a batch of format 2, codec %i", (_, bytes) => {
  const { next, records } = read(Buffer.from(bytes, "base64"));
  expect(next).toBe(60n);
  expect(values(records)).toEqual(written.events);
  expect(records[59]).toMatchObject({
    offset: 59n,
    appendedAt: 1_700_000_000.059,
    headers: new Map([["n", Buffer.from("59")]]),
  });
});

it.each(written.messages)("messages of format %i, codec %i", (format, _, bytes) => {
  const { next, records } = read(Buffer.from(bytes, "base64"));
  expect(next).toBe(60n);
  expect(values(records)).toEqual(written.events);
  expect(records[59]).toMatchObject({ offset: 59n, appendedAt: format === 0 ? 0 : 1_700_000_000.059 });
});
