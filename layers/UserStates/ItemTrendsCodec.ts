/** ItemTrendsCodec: what a batch's events weigh per item, as parts of bytes and back: an f32 per half-life, item by item. */
import { type ItemTrends, itemTrendsOf, rungs } from "../../src/domain/TrendLadder.ts";

const itemSize = 4 * rungs;
const itemsOfPart = 4_096;

/** Little-endian, as every host that runs the kernels. */
export const encodeItemTrends = ({ sums }: ItemTrends): ReadonlyArray<Uint8Array> => {
  const words = itemsOfPart * rungs;
  return Array.from({ length: Math.ceil(sums.length / words) }, (_, part) => {
    const some = sums.subarray(part * words, (part + 1) * words);
    return new Uint8Array(some.buffer, some.byteOffset, some.byteLength);
  });
};

/** Undefined for parts that are none, or not whole. */
export const decodeItemTrends = (parts: ReadonlyArray<Uint8Array>): ItemTrends | undefined => {
  const whole = itemsOfPart * itemSize;
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  const areWhole = parts.every(({ length }, n) => n === parts.length - 1 || length === whole);
  if (!areWhole || bytes === 0 || bytes % itemSize !== 0) return undefined;
  const sums = new Float32Array(bytes / 4);
  const all = new Uint8Array(sums.buffer);
  for (const [n, part] of parts.entries()) all.set(part, n * whole);
  return itemTrendsOf(sums);
};
