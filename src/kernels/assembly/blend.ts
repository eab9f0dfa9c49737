/**
 * Sums by item of one request, few among many items, and inner products of single rows with one vector.
 *
 * Of few items: an array of f64 by item, 0 where there is no sum, of a length that is a multiple of 64; none is looked for. Of more: a hash table with linear probing, 2^`bits` entries of 16 bytes, at a multiple of 16: the item (u32), the request that it
 * is of (u32, `stamp`) and its sum (f64). What is of another request is free. At most half of it may be taken. An entry stands at the
 * upper bits of the item times `factor`, or after it. `used`: u32, where the entries of this request are, in the order in which they
 * came; room for one more than there may be.
 */
import { fourDots, multiplyAdd, sums as addUp } from "./Vector";

/** Where the entry of an item is, or would be; `key`: item and stamp, as an entry begins. */
@inline
function entryOf(table: usize, bits: u32, factor: u32, key: u64): usize {
  const mask: u32 = (1 << bits) - 1;
  let slot = (<u32>key * factor) >>> (32 - bits);
  while (true) {
    const entry = table + (<usize>slot << 4);
    const found = load<u64>(entry);
    if (found == key || (found ^ key) >>> 32 != 0) return entry;
    slot = (slot + 1) & mask;
  }
}

@inline
function keyOf(item: u32, stamp: u32): u64 {
  return (<u64>stamp << 32) | <u64>item;
}

/**
 * Adds weight · root of a list: how many entries it has (u32, at a multiple of 8), and from its byte 8 on an item (u32) and a root
 * (f32) each. Answers how many items have a sum then, of `taken` before.
 */
export function add(
  table: usize, used: usize, bits: u32, factor: u32, stamp: u32, taken: u32, list: usize, weight: f64,
): u32 {
  let at = list + 8;
  for (const end = at + (<usize>load<u32>(list) << 3); at < end; at += 8) {
    const key = keyOf(load<u32>(at), stamp);
    const value = weight * <f64>load<f32>(at, 4);
    const entry = entryOf(table, bits, factor, key);
    // Without a branch, for which of both it is cannot be foreseen.
    const isNew = load<u64>(entry) != key;
    const before = select<f64>(0, load<f64>(entry, 8), isNew);
    store<u64>(entry, key);
    store<f64>(entry, before + value, 8);
    store<u32>(used + (<usize>taken << 2), <u32>entry);
    taken += u32(isNew);
  }
  return taken;
}

/** The sum of an item; 0 where there is none. */
export function sumOf(table: usize, bits: u32, factor: u32, stamp: u32, item: u32): f64 {
  const key = keyOf(item, stamp);
  const entry = entryOf(table, bits, factor, key);
  return load<u64>(entry) == key ? load<f64>(entry, 8) : 0;
}

/** As `add` of each of the lists (u32: where they are) with its weight (f64), into an array; sums are 0 before the first. Items are within it. */
export function addPlain(plain: usize, lists: usize, weights: usize, count: u32): void {
  for (const last = lists + (<usize>count << 2); lists < last; lists += 4, weights += 8) {
    const list = <usize>load<u32>(lists), weight = load<f64>(weights);
    let at = list + 8;
    for (const end = at + (<usize>load<u32>(list) << 3); at < end; at += 8) {
      const entry = plain + (<usize>load<u32>(at) << 3);
      store<f64>(entry, load<f64>(entry) + weight * <f64>load<f32>(at, 4));
    }
  }
}

/** How many sums of an array are above 0. */
export function countPlain(plain: usize, length: u32): u32 {
  const zero = f64x2.splat(0);
  let count = i64x2.splat(0);
  for (const end = plain + (<usize>length << 3); plain < end; plain += 32) {
    const first = f64x2.gt(v128.load(plain), zero), second = f64x2.gt(v128.load(plain, 16), zero);
    count = i64x2.sub(count, i64x2.add(first, second));
  }
  return u32(i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1));
}

/** Puts the sums of an array into a table that has none of this request; answers how many. */
export function moveIntoTable(plain: usize, length: u32, table: usize, used: usize, bits: u32, factor: u32, stamp: u32): u32 {
  let taken: u32 = 0;
  for (let item: u32 = 0; item < length; item++) {
    const sum = load<f64>(plain + (<usize>item << 3));
    if (sum <= 0) continue;
    const key = keyOf(item, stamp);
    const entry = entryOf(table, bits, factor, key);
    store<u64>(entry, key);
    store<f64>(entry, sum, 8);
    store<u32>(used + (<usize>(taken++) << 2), <u32>entry);
  }
  return taken;
}

/** Every so many sums one is looked at to guess how large the best are. */
const every: u32 = 8;

/** How many of the best are sampled where `most` are wanted of `taken`; 0: a guess is not worth it. */
function sampleSize(taken: u32, most: u32): u32 {
  const kept = most / every + most / (4 * every) + 4;
  return kept > 64 || taken < 4 * most ? 0 : kept;
}

/** Takes a sum into a sample of the best `kept`, best first, of which there are `size` so far; answers how many there are then. */
@inline
function intoSample(sample: usize, size: u32, kept: u32, sum: f64): u32 {
  if (size == kept && sum <= load<f64>(sample + (<usize>(kept - 1) << 3))) return size;
  let place = size < kept ? size++ : kept - 1;
  for (; place > 0; place--) {
    const before = load<f64>(sample + (<usize>(place - 1) << 3));
    if (before >= sum) break;
    store<f64>(sample + (<usize>place << 3), before);
  }
  store<f64>(sample + (<usize>place << 3), sum);
  return size;
}

/** A sum that some `most` of all are not below, guessed by a sample; `sample` has room for f64[64]. */
function guess(used: usize, taken: u32, most: u32, sample: usize): f64 {
  const kept = sampleSize(taken, most);
  if (kept == 0) return 0;
  let size: u32 = 0;
  for (let i: u32 = 0; i < taken; i += every) {
    size = intoSample(sample, size, kept, load<f64>(load<u32>(used + (<usize>i << 2)), 8));
  }
  return load<f64>(sample + (<usize>(kept - 1) << 3));
}

/**
 * Writes items (u32) and their sums (f64) of at least the `most` largest sums, in no order, or of all where there are no more; answers
 * how many.
 */
export function gather(used: usize, taken: u32, most: u32, sample: usize, items: usize, into: usize): u32 {
  let least = guess(used, taken, most, sample);
  while (true) {
    let size: u32 = 0;
    for (let i: u32 = 0; i < taken; i++) {
      const entry = <usize>load<u32>(used + (<usize>i << 2));
      const sum = load<f64>(entry, 8);
      if (sum < least) continue;
      store<u32>(items + (<usize>size << 2), load<u32>(entry));
      store<f64>(into + (<usize>size << 3), sum);
      size++;
    }
    if (least == 0 || size >= most) return size;
    least = 0;
  }
}

/** Of four f64 which are at least `bound`, as four lanes. */
@inline
function reached4(at: usize, bound: v128): v128 {
  return v128.shuffle<i32>(f64x2.ge(v128.load(at), bound), f64x2.ge(v128.load(at, 16), bound), 0, 2, 4, 6);
}

/** Of 16, as bits. */
@inline
function reached16(at: usize, bound: v128): u64 {
  const first = i16x8.narrow_i32x4_s(reached4(at, bound), reached4(at + 32, bound));
  const second = i16x8.narrow_i32x4_s(reached4(at + 64, bound), reached4(at + 96, bound));
  return <u64>(<u32>i8x16.bitmask(i8x16.narrow_i16x8_s(first, second)));
}

/** Of 64. Without a branch for each, for most are below it and which cannot be foreseen. */
@inline
function reached64(at: usize, bound: v128): u64 {
  const first = reached16(at, bound) | (reached16(at + 128, bound) << 16);
  return first | (reached16(at + 256, bound) << 32) | (reached16(at + 384, bound) << 48);
}

/** As `gather`, of an array; `taken`: how many of its sums are above 0. */
export function gatherPlain(
  plain: usize, length: u32, taken: u32, most: u32, sample: usize, items: usize, into: usize,
): u32 {
  const kept = sampleSize(taken, most);
  let least: f64 = 0;
  if (kept > 0) {
    let size: u32 = 0;
    for (let item: u32 = 0; item < length; item += every) {
      size = intoSample(sample, size, kept, load<f64>(plain + (<usize>item << 3)));
    }
    if (size == kept) least = load<f64>(sample + (<usize>(kept - 1) << 3));
  }
  while (true) {
    let size: u32 = 0;
    const bound = f64x2.splat(least > 0 ? least : f64.MIN_VALUE);
    for (let item: u32 = 0; item < length; item += 64) {
      let found = reached64(plain + (<usize>item << 3), bound);
      for (; found != 0; found &= found - 1, size++) {
        const at = item + <u32>ctz(found);
        store<u32>(items + (<usize>size << 2), at);
        store<f64>(into + (<usize>size << 3), load<f64>(plain + (<usize>at << 3)));
      }
    }
    if (least == 0 || size >= most) return size;
    least = 0;
  }
}

/** Whether one is better than the other: the larger sum or, of equal ones, the smaller row. */
@inline
function isBetter(sum: f64, row: u32, other: f64, otherRow: u32): u32 {
  return u32(sum > other) | (u32(sum == other) & u32(row < otherRow));
}

/** Exchanges two rows and their sums. */
@inline
function exchange(rows: usize, sums: usize, i: i32, j: i32): void {
  const sumAt = sums + (<usize>i << 3), otherSumAt = sums + (<usize>j << 3);
  const rowAt = rows + (<usize>i << 2), otherRowAt = rows + (<usize>j << 2);
  const sum = load<f64>(sumAt), row = load<u32>(rowAt);
  store<f64>(sumAt, load<f64>(otherSumAt));
  store<u32>(rowAt, load<u32>(otherRowAt));
  store<f64>(otherSumAt, sum);
  store<u32>(otherRowAt, row);
}

/**
 * Puts the best `most` of `count` rows (u32) and their sums (f64) first, in no order: C. A. R. Hoare, "Algorithm 65: Find", CACM 4 (1961),
 * with N. Lomuto's partition, which needs no branch: each is exchanged with the first that is not better than the pivot, and that place
 * goes on by one where it is better.
 */
export function putBestFirst(rows: usize, sums: usize, count: i32, most: i32): void {
  let low: i32 = 0, high: i32 = count - 1;
  while (low < high) {
    exchange(rows, sums, (low + high) >>> 1, high);
    const sum = load<f64>(sums + (<usize>high << 3)), row = load<u32>(rows + (<usize>high << 2));
    let place = low;
    for (let i = low; i < high; i++) {
      const isAhead = isBetter(load<f64>(sums + (<usize>i << 3)), load<u32>(rows + (<usize>i << 2)), sum, row);
      exchange(rows, sums, place, i);
      place += isAhead;
    }
    exchange(rows, sums, place, high);
    if (most <= place) high = place - 1;
    else if (most > place + 1) low = place + 1;
    else return;
  }
}

/** into[i] (f32) = vector · the vector of row rows[i] (u32), for i < count; f32 in four lanes. Vectors have `stride` bytes, a multiple of 16. */
export function dots(vectors: usize, stride: usize, rows: usize, count: u32, vector: usize, into: usize): void {
  let i: u32 = 0;
  for (; i + 3 < count; i += 4, rows += 16, into += 16) {
    const row0 = vectors + <usize>load<u32>(rows) * stride, row1 = vectors + <usize>load<u32>(rows, 4) * stride;
    const row2 = vectors + <usize>load<u32>(rows, 8) * stride, row3 = vectors + <usize>load<u32>(rows, 12) * stride;
    v128.store(into, fourDots(row0, row1, row2, row3, vector, stride));
  }
  for (; i < count; i++, rows += 4, into += 4) {
    const row = vectors + <usize>load<u32>(rows) * stride;
    let s = f32x4.splat(0);
    for (let o: usize = 0; o < stride; o += 16) s = multiplyAdd(v128.load(row + o), v128.load(vector + o), s);
    store<f32>(into, f32x4.extract_lane(addUp(s, s, s, s), 0));
  }
}

/** vector = Σ weights[i] (f32) · the vector of row rows[i] (u32), over i < count in this order; f32. */
export function mix(vectors: usize, stride: usize, rows: usize, weights: usize, count: u32, vector: usize): void {
  const end = rows + (<usize>count << 2), toWeight = weights - rows;
  for (let o: usize = 0; o < stride; o += 16) {
    let s = f32x4.splat(0);
    for (let at = rows; at < end; at += 4) {
      s = multiplyAdd(v128.load(vectors + <usize>load<u32>(at) * stride + o), v128.load32_splat(at + toWeight), s);
    }
    v128.store(vector + o, s);
  }
}
