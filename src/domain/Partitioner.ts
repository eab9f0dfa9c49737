/**
 * Partitioner: which partition a key belongs to, as Kafka's default partitioner decides: `murmur2(key) & 0x7fffffff`
 * modulo the number of partitions, over the key's UTF-8 bytes. So the embedded log and a Kafka topic of as many partitions agree.
 *
 * Source: MurmurHash2 by Austin Appleby, 32 bits, seed 0x9747b28c, as in org.apache.kafka.common.utils.Utils.murmur2.
 */
const seed = 0x9747b28c;
const m = 0x5bd1e995;
const r = 24;

/** MurmurHash2 of the bytes, as a signed 32-bit number. */
export const murmur2 = (bytes: Uint8Array): number => {
  const length = bytes.length;
  let h = seed ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> r;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const left = length - i;
  if (left === 3) h ^= bytes[i + 2]! << 16;
  if (left >= 2) h ^= bytes[i + 1]! << 8;
  if (left >= 1) h = Math.imul(h ^ bytes[i]!, m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
};

const encoder = new TextEncoder();

export const partitionOf = (key: string, partitions: number): number =>
  (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions;
