/**
 * Sums by item of one request, few among many items, and inner products of single rows with one vector.
 *
 * Sums: a hash table with linear probing, `slots` (a power of two) keys u32 and as many sums f64; key 0xffffffff is free. At most half
 * of it may be taken. `used`: u32, the slots that are taken, in the order in which they were.
 */
import { fourDots, multiplyAdd, sums as addUp } from "./Vector";

const free: u32 = 0xffff_ffff;

@inline
function slotOf(keys: usize, mask: u32, shift: u32, item: u32): u32 {
  let slot = (item * 0x9e3779b1) >>> shift;
  while (true) {
    const key = load<u32>(keys + (<usize>slot << 2));
    if (key == item || key == free) return slot;
    slot = (slot + 1) & mask;
  }
}

/** Frees the table. */
export function clear(keys: usize, slots: u32): void {
  memory.fill(keys, 0xff, <usize>slots << 2);
}

/**
 * Adds root · factor of entries, whose items (u32) and roots (f32) stand list behind list, `lists` times a length (u32) and a factor
 * (f64); answers how many slots are used then.
 */
export function add(
  keys: usize, sums: usize, used: usize, bits: u32,
  lists: u32, lengths: usize, factors: usize, items: usize, roots: usize,
): u32 {
  const mask = (1 << bits) - 1, shift = 32 - bits;
  let taken: u32 = 0;
  for (let list: u32 = 0; list < lists; list++, lengths += 4, factors += 8) {
    const factor = load<f64>(factors);
    const end = items + (<usize>load<u32>(lengths) << 2);
    for (; items < end; items += 4, roots += 4) {
      const item = load<u32>(items);
      const value = factor * <f64>load<f32>(roots);
      const slot = slotOf(keys, mask, shift, item);
      const key = keys + (<usize>slot << 2), sum = sums + (<usize>slot << 3);
      if (load<u32>(key) == item) store<f64>(sum, load<f64>(sum) + value);
      else {
        store<u32>(key, item);
        store<f64>(sum, value);
        store<u32>(used + (<usize>taken << 2), slot);
        taken++;
      }
    }
  }
  return taken;
}

/** The sum of an item; 0 where there is none. */
export function sumOf(keys: usize, sums: usize, bits: u32, item: u32): f64 {
  const slot = slotOf(keys, (1 << bits) - 1, 32 - bits, item);
  return load<u32>(keys + (<usize>slot << 2)) == item ? load<f64>(sums + (<usize>slot << 3)) : 0;
}

/** Every so many sums one is looked at to guess how large the best are. */
const every: u32 = 8;

/** A sum that some `most` of all are not below, guessed by a sample; `sample` has room for f64[64]. */
function guess(sums: usize, used: usize, taken: u32, most: u32, sample: usize): f64 {
  const kept = most / every + most / (4 * every) + 4;
  if (kept > 64 || taken < 4 * most) return 0;
  let size: u32 = 0;
  for (let i: u32 = 0; i < taken; i += every) {
    const sum = load<f64>(sums + (<usize>load<u32>(used + (<usize>i << 2)) << 3));
    if (size == kept && sum <= load<f64>(sample + (<usize>(kept - 1) << 3))) continue;
    let place = size < kept ? size++ : kept - 1;
    for (; place > 0; place--) {
      const before = load<f64>(sample + (<usize>(place - 1) << 3));
      if (before >= sum) break;
      store<f64>(sample + (<usize>place << 3), before);
    }
    store<f64>(sample + (<usize>place << 3), sum);
  }
  return load<f64>(sample + (<usize>(kept - 1) << 3));
}

/**
 * Writes items (u32) and their sums (f64) of at least the `most` largest sums, in no order, or of all where there are no more; answers
 * how many.
 */
export function gather(
  keys: usize, sums: usize, used: usize, taken: u32, most: u32, sample: usize, items: usize, into: usize,
): u32 {
  let least = guess(sums, used, taken, most, sample);
  while (true) {
    let size: u32 = 0;
    for (let i: u32 = 0; i < taken; i++) {
      const slot = <usize>load<u32>(used + (<usize>i << 2));
      const sum = load<f64>(sums + (slot << 3));
      if (sum < least) continue;
      store<u32>(items + (<usize>size << 2), load<u32>(keys + (slot << 2)));
      store<f64>(into + (<usize>size << 3), sum);
      size++;
    }
    if (least == 0 || size >= most) return size;
    least = 0;
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
