/**
 * ItemSet: a set of item indices as a sorted array, and as bytes: what a user ever bought. Exact, and a byte or two per
 * item where a user bought many.
 */
export type ItemSet = Uint32Array;

export const noItems: ItemSet = new Uint32Array(0);

/** Where `itemIdx` stands in the ascending `items`, or would. */
const placeOf = (items: ItemSet, itemIdx: number): number => {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle] < itemIdx) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const hasItem = (items: ItemSet, itemIdx: number): boolean => items[placeOf(items, itemIdx)] === itemIdx;

/** `items` with `itemIdx` in it: the very array where it was in it already. */
export const withItem = (items: ItemSet, itemIdx: number): ItemSet => {
  const at = placeOf(items, itemIdx);
  if (items[at] === itemIdx) return items;
  const more = new Uint32Array(items.length + 1);
  more.set(items.subarray(0, at));
  more[at] = itemIdx;
  more.set(items.subarray(at), at + 1);
  return more;
};

export const itemSetOf = (items: Iterable<number>): ItemSet => Uint32Array.from(new Set(items)).sort();

/** The gaps between neighbours, less one, as base-128 varints, low digits first. */
export const encodeItemSet = (items: ItemSet): Uint8Array => {
  const bytes = new Uint8Array(5 * items.length);
  let size = 0;
  let before = -1;
  for (const item of items) {
    let gap = item - before - 1;
    before = item;
    for (; gap > 0x7f; gap = Math.floor(gap / 128)) bytes[size++] = (gap & 0x7f) | 0x80;
    bytes[size++] = gap;
  }
  return bytes.subarray(0, size);
};

/** Undefined for bytes that are no such set. */
export const decodeItemSet = (bytes: Uint8Array): ItemSet | undefined => {
  let count = 0;
  for (const byte of bytes) if (byte <= 0x7f) count++;
  const items = new Uint32Array(count);
  let before = -1;
  let at = 0;
  for (let i = 0; i < count; i++) {
    let gap = 0;
    let unit = 1;
    for (; bytes[at] > 0x7f; unit *= 128) gap += (bytes[at++] & 0x7f) * unit;
    before += 1 + gap + bytes[at++] * unit;
    if (!(before <= 0xffffffff)) return undefined;
    items[i] = before;
  }
  return at === bytes.length ? items : undefined;
};
