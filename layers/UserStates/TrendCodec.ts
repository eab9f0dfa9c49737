/** TrendCodec: a partition's trend as bytes and back: u64 next, f64 asOf, then u32 item index and f64 score per item. */
import type { PartitionTrend } from "../../src/ports/UserStates.ts";

const headSize = 16;
const scoreSize = 12;

export const encodeTrend = (trend: PartitionTrend): Uint8Array => {
  const bytes = new Uint8Array(headSize + trend.scores.size * scoreSize);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, trend.next, true);
  view.setFloat64(8, trend.asOf, true);
  let at = headSize;
  for (const [itemIdx, score] of trend.scores) {
    view.setUint32(at, itemIdx, true);
    view.setFloat64(at + 4, score, true);
    at += scoreSize;
  }
  return bytes;
};

/** Undefined for bytes that are no trend. */
export const decodeTrend = (bytes: Uint8Array): PartitionTrend | undefined => {
  if (bytes.length < headSize || (bytes.length - headSize) % scoreSize !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scores = new Map<number, number>();
  for (let at = headSize; at < bytes.length; at += scoreSize) {
    scores.set(view.getUint32(at, true), view.getFloat64(at + 4, true));
  }
  return { next: view.getBigUint64(0, true), asOf: view.getFloat64(8, true), scores };
};
