/**
 * TrendCodec: a partition's trend as bytes and back: u64 next, f64 asOf, then u32 item index and f64 score per item.
 *
 * The total stands there as if it were an item's score, of the index that no item has. Earlier versions wrote none: what their
 * trends have of the total is the sum of their scores; and they read it as an item that they do not know.
 */
import type { PartitionTrend } from "../../src/ports/UserStates.ts";

const headSize = 16;
const scoreSize = 12;
const totalIdx = 0xffff_ffff;

export const encodeTrend = ({ asOf, next, scores, total }: PartitionTrend): Uint8Array => {
  const bytes = new Uint8Array(headSize + (scores.size + 1) * scoreSize);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, next, true);
  view.setFloat64(8, asOf, true);
  let at = headSize;
  const put = (itemIdx: number, score: number): void => {
    view.setUint32(at, itemIdx, true);
    view.setFloat64(at + 4, score, true);
    at += scoreSize;
  };
  put(totalIdx, total);
  for (const [itemIdx, score] of scores) put(itemIdx, score);
  return bytes;
};

/** Undefined for bytes that are no trend. */
export const decodeTrend = (bytes: Uint8Array): PartitionTrend | undefined => {
  if (bytes.length < headSize || (bytes.length - headSize) % scoreSize !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scores = new Map<number, number>();
  let total: number | undefined;
  let sum = 0;
  for (let at = headSize; at < bytes.length; at += scoreSize) {
    const itemIdx = view.getUint32(at, true);
    const score = view.getFloat64(at + 4, true);
    if (itemIdx === totalIdx) total = score;
    else {
      scores.set(itemIdx, score);
      sum += score;
    }
  }
  return { next: view.getBigUint64(0, true), asOf: view.getFloat64(8, true), total: total ?? sum, scores };
};
