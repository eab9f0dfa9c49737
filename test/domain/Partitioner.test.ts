import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { murmur2, partitionOf } from "../../src/domain/Partitioner.ts";

describe("Partitioner", () => {
  // Kafka's own vectors: org.apache.kafka.common.utils.UtilsTest.testMurmur2.
  it.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ])("hashes %j as Kafka does", (key, hash) => {
    expect(murmur2(new TextEncoder().encode(key))).toBe(hash);
  });

  it("hashes the key's UTF-8 bytes", () => {
    expect(partitionOf("žluťoučký", 1 << 30)).toBe(murmur2(new TextEncoder().encode("žluťoučký")) & ((1 << 30) - 1));
  });

  it("stays within the partitions", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 1024 }), (key, partitions) => {
        const partition = partitionOf(key, partitions);
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
      }),
    );
  });
});
