/**
 * TrendCodec: a partition's trend as bytes and back: u64 next, f64 asOf, then u32 item index and f64 score per item.
 *
 * The total stands there as if it were an item's score, of the index that no item has. Earlier versions wrote none: what their
 * trends have of the total is the sum of their scores; and they read it as an item that they do not know.
 *
 * So does the ladder, 8 bytes at a time, under another such index: f64 asOf, f64 newest, an f64 total per half-life, then per item
 * u32 index and an f32 sum per half-life; and a last score of 0, which is all that an earlier version keeps of it: a
 * trend that such a version wrote again has no ladder any more.
 */
import { rungs, type TrendLadder } from "../../src/domain/TrendLadder.ts";
import type { PartitionTrend } from "../../src/ports/UserStates.ts";

const headSize = 16;
const scoreSize = 12;
const totalIdx = 0xffff_ffff;
const ladderIdx = 0xffff_fffe;
const ladderHead = 2 + rungs;
/** An item's, in words of 4 bytes: an even number. */
const ladderWords = 1 + rungs;

/** In words of 4 bytes, little-endian, as every host that runs the kernels. */
const wordsOf = ({ asOf, items, newest, sums, totals }: TrendLadder): Uint32Array => {
  const words = new Uint32Array(2 * ladderHead + items.length * ladderWords);
  new Float64Array(words.buffer, 0, ladderHead).set([asOf, newest, ...totals]);
  const singles = new Float32Array(words.buffer);
  for (let row = 0, at = 2 * ladderHead; row < items.length; row++, at += ladderWords) {
    words[at] = items[row]!;
    singles.set(sums.subarray(row * rungs, (row + 1) * rungs), at + 1);
  }
  return words;
};

/** Undefined for what is no ladder. */
const ladderOf = (words: Uint32Array): TrendLadder | undefined => {
  const rows = (words.length - 2 * ladderHead) / ladderWords;
  if (!Number.isInteger(rows) || rows < 0) return undefined;
  const [asOf, newest, ...totals] = new Float64Array(words.buffer, 0, ladderHead) as unknown as [
    number,
    number,
    ...Array<number>,
  ];
  const singles = new Float32Array(words.buffer);
  const items = new Uint32Array(rows);
  const sums = new Float32Array(rows * rungs);
  for (let row = 0, at = 2 * ladderHead; row < rows; row++, at += ladderWords) {
    items[row] = words[at]!;
    sums.set(singles.subarray(at + 1, at + ladderWords), row * rungs);
  }
  return { asOf, newest, totals: Float64Array.from(totals), items, sums };
};

export const encodeTrend = ({ asOf, ladder, next, scores, total }: PartitionTrend): Uint8Array => {
  const words = ladder === undefined ? undefined : wordsOf(ladder);
  const pieces = words === undefined ? 0 : words.length / 2 + 1;
  const bytes = new Uint8Array(headSize + (scores.size + 1 + pieces) * scoreSize);
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
  if (words === undefined) return bytes;
  for (let word = 0; word < words.length; word += 2, at += scoreSize) {
    view.setUint32(at, ladderIdx, true);
    view.setUint32(at + 4, words[word]!, true);
    view.setUint32(at + 8, words[word + 1]!, true);
  }
  put(ladderIdx, 0);
  return bytes;
};

/** Undefined for bytes that are no trend. */
export const decodeTrend = (bytes: Uint8Array): PartitionTrend | undefined => {
  if (bytes.length < headSize || (bytes.length - headSize) % scoreSize !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scores = new Map<number, number>();
  const words = new Uint32Array(((bytes.length - headSize) / scoreSize) * 2);
  let length = 0;
  let total: number | undefined;
  let sum = 0;
  for (let at = headSize; at < bytes.length; at += scoreSize) {
    const itemIdx = view.getUint32(at, true);
    if (itemIdx === ladderIdx) {
      words[length++] = view.getUint32(at + 4, true);
      words[length++] = view.getUint32(at + 8, true);
      continue;
    }
    const score = view.getFloat64(at + 4, true);
    if (itemIdx === totalIdx) total = score;
    else {
      scores.set(itemIdx, score);
      sum += score;
    }
  }
  // Without the last score.
  const ladder = length === 0 ? undefined : ladderOf(words.slice(0, length - 2));
  return { next: view.getBigUint64(0, true), asOf: view.getFloat64(8, true), total: total ?? sum, scores, ladder };
};
