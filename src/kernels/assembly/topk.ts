/**
 * Exact maximum inner product search: the k rows y with the largest q · y that a mask allows.
 *
 * Most rows are told from their 8-bit copies alone. With y = ŷ + d, ŷ = scale · (8-bit codes), and q likewise of 16-bit
 * codes, q · y is at most its coded value + |q| · margin (kernels/Quantize.ts has the bound). Only a row that may reach
 * the best k is scored in f32, so the answer is that of scoring all, and a quarter of the memory is read. Where the mask allows few
 * rows, these are listed and scored in f32, one after the other, so that a processor may fetch the next ones meanwhile.
 *
 * Rows are row-major, zero-padded to strides of 16 bytes and to a multiple of four rows. Of equal scores the smaller row
 * wins. A score that is NaN or −∞ never enters.
 */
import { fourDots } from "./Vector";

const noRow: u32 = 0xffff_ffff;

/** A heap of k entries, the worst at its root: scores f32[k], then rows u32[k]. */
@inline
function heapRows(heap: usize, k: i32): usize {
  return heap + (<usize>k << 2);
}

/** Whether entry (score, row) ranks below the entry at `at`. */
@inline
function worse(score: f32, row: u32, scores: usize, rows: usize, at: usize): bool {
  const other = load<f32>(scores + at);
  return score < other || (score == other && row > load<u32>(rows + at));
}

/** Puts an entry in the place of the root of a heap of `size` entries. */
function replaceRoot(scores: usize, rows: usize, size: i32, score: f32, row: u32): void {
  let place = 0;
  while (true) {
    let child = 2 * place + 1;
    if (child >= size) break;
    let at = <usize>child << 2;
    if (child + 1 < size && worse(load<f32>(scores + at, 4), load<u32>(rows + at, 4), scores, rows, at)) {
      child++;
      at += 4;
    }
    if (worse(score, row, scores, rows, at)) break;
    store<f32>(scores + (<usize>place << 2), load<f32>(scores + at));
    store<u32>(rows + (<usize>place << 2), load<u32>(rows + at));
    place = child;
  }
  store<f32>(scores + (<usize>place << 2), score);
  store<u32>(rows + (<usize>place << 2), row);
}

/** Offers four neighbouring rows, in order, so that a later equal score never displaces an earlier one. */
@inline
function offer(heap: usize, k: i32, four: v128, row: i32, mask: usize): void {
  if (v128.any_true(f32x4.gt(four, v128.load32_splat(heap)))) {
    offerOne(heap, k, f32x4.extract_lane(four, 0), row, mask);
    offerOne(heap, k, f32x4.extract_lane(four, 1), row + 1, mask);
    offerOne(heap, k, f32x4.extract_lane(four, 2), row + 2, mask);
    offerOne(heap, k, f32x4.extract_lane(four, 3), row + 3, mask);
  }
}

function offerOne(heap: usize, k: i32, score: f32, row: i32, mask: usize): void {
  if (score > load<f32>(heap) && load<u8>(mask + row)) replaceRoot(heap, heapRows(heap, k), k, score, row);
}

/** Sorts a heap in place, best first. */
function sortHeap(heap: usize, k: i32): void {
  const rows = heapRows(heap, k);
  for (let size = k - 1; size > 0; --size) {
    const at = <usize>size << 2;
    const score = load<f32>(heap + at);
    const row = load<u32>(rows + at);
    store<f32>(heap + at, load<f32>(heap));
    store<u32>(rows + at, load<u32>(rows));
    replaceRoot(heap, rows, size, score, row);
  }
}

/** Upper bounds of the scores of four rows from their codes at `row0`. */
@inline
function fourBounds(
  row0: usize, codeStride: usize, scales: usize, margins: usize,
  queryCodes: usize, queryScale: f32, queryNorm: f32,
): v128 {
  const row1 = row0 + codeStride, row2 = row1 + codeStride, row3 = row2 + codeStride;
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (let o: usize = 0; o < codeStride; o += 8) {
    const codes = v128.load(queryCodes + (o << 1));
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load_ext<i8>(row0 + o), codes));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load_ext<i8>(row1 + o), codes));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load_ext<i8>(row2 + o), codes));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load_ext<i8>(row3 + o), codes));
  }
  const s01 = i32x4.add(v128.shuffle<i32>(s0, s1, 0, 1, 4, 5), v128.shuffle<i32>(s0, s1, 2, 3, 6, 7));
  const s23 = i32x4.add(v128.shuffle<i32>(s2, s3, 0, 1, 4, 5), v128.shuffle<i32>(s2, s3, 2, 3, 6, 7));
  const coded = f32x4.convert_i32x4_s(
    i32x4.add(v128.shuffle<i32>(s01, s23, 0, 2, 4, 6), v128.shuffle<i32>(s01, s23, 1, 3, 5, 7)),
  );
  return f32x4.add(
    f32x4.mul(f32x4.mul(coded, v128.load(scales)), f32x4.splat(queryScale)),
    f32x4.mul(v128.load(margins), f32x4.splat(queryNorm)),
  );
}

/** Lists the rows that the mask allows, in order, and answers how many they are; −1: more than `most` − 16, perhaps. */
function listed(mask: usize, rows: i32, into: usize, most: i32): i32 {
  let n = 0;
  for (let row = 0; row < rows; row += 16) {
    const sixteen = v128.load(mask + row);
    if (!v128.any_true(sixteen)) continue;
    if (n + 16 > most) return -1;
    for (let bits = i8x16.bitmask(i8x16.ne(sixteen, i8x16.splat(0))); bits; bits &= bits - 1) {
      store<u32>(into + (<usize>n << 2), row + ctz(bits));
      n++;
    }
  }
  return n;
}

/** Where the row lies that is listed at `place`. */
@inline
function listedRow(list: usize, place: i32, vectors: usize, stride: usize): usize {
  return vectors + <usize>load<u32>(list + (<usize>place << 2)) * stride;
}

/** Offers `n` listed rows; the last ones of four may be the same. */
function offerListed(
  vectors: usize, stride: usize, query: usize, k: i32, mask: usize, heap: usize, list: usize, n: i32,
): void {
  const last = n - 1;
  for (let i = 0; i < n; i += 4) {
    const four = fourDots(
      listedRow(list, i, vectors, stride), listedRow(list, min(i + 1, last), vectors, stride),
      listedRow(list, min(i + 2, last), vectors, stride), listedRow(list, min(i + 3, last), vectors, stride),
      query, stride,
    );
    if (!v128.any_true(f32x4.gt(four, v128.load32_splat(heap)))) continue;
    const rows = list + (<usize>i << 2);
    offerOne(heap, k, f32x4.extract_lane(four, 0), load<u32>(rows), mask);
    if (i < last) offerOne(heap, k, f32x4.extract_lane(four, 1), load<u32>(rows, 4), mask);
    if (i + 1 < last) offerOne(heap, k, f32x4.extract_lane(four, 2), load<u32>(rows, 8), mask);
    if (i + 2 < last) offerOne(heap, k, f32x4.extract_lane(four, 3), load<u32>(rows, 12), mask);
  }
}

/**
 * Searches `rows` rows (a multiple of four).
 *
 * vectors: f32, `stride` bytes a row; codes: i8, `codeStride` bytes a row; scales, margins: f32 a row. query: f32,
 * `stride` bytes; queryCodes: i16, 2 · codeStride bytes. mask: a byte per row, 0 excludes (padding rows must be
 * excluded, and so must be what stands up to the next multiple of 16). list: u32, room for `most` rows. Rows that score no more than `least` are left out. heap: f32 scores[k], then u32 rows[k], written best first; places left
 * over hold row 0xffffffff.
 */
export function search(
  vectors: usize, stride: usize, codes: usize, codeStride: usize, scales: usize, margins: usize, rows: i32,
  query: usize, queryCodes: usize, queryScale: f32, queryNorm: f32,
  k: i32, mask: usize, heap: usize, least: f32, list: usize, most: i32,
): void {
  for (let i = 0; i < k; ++i) {
    store<f32>(heap + (<usize>i << 2), least);
    store<u32>(heapRows(heap, k) + (<usize>i << 2), noRow);
  }
  const few = listed(mask, rows, list, most);
  if (few >= 0) {
    offerListed(vectors, stride, query, k, mask, heap, list, few);
    sortHeap(heap, k);
    return;
  }
  for (let row = 0; row < rows; row += 4, codes += 4 * codeStride, scales += 16, margins += 16) {
    if (!load<u32>(mask + row)) continue;
    const bounds = fourBounds(codes, codeStride, scales, margins, queryCodes, queryScale, queryNorm);
    // A bound that is NaN says nothing, so its row is scored too.
    if (v128.all_true<i32>(f32x4.le(bounds, v128.load32_splat(heap)))) continue;
    const y = vectors + <usize>row * stride;
    const y1 = y + stride, y2 = y1 + stride, y3 = y2 + stride;
    offer(heap, k, fourDots(y, y1, y2, y3, query, stride), row, mask);
  }
  sortHeap(heap, k);
}
