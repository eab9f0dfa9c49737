/**
 * ItemSet: a set of item indices as a sorted array, and as bytes: what a user bought, or hid. Exact, and a byte or two per
 * item where they are many.
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

/** Items that are looked for and gone through, in whatever way they are kept. */
export interface ItemLookup extends Iterable<number> {
  readonly size: number;
  readonly has: (itemIdx: number) => boolean;
}

export const lookupOf = (items: ItemSet): ItemLookup => ({
  size: items.length,
  has: (itemIdx) => hasItem(items, itemIdx),
  [Symbol.iterator]: () => items[Symbol.iterator](),
});

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

/** `items` without `itemIdx`: the very array where it was not in it. */
export const withoutItem = (items: ItemSet, itemIdx: number): ItemSet =>
  hasItem(items, itemIdx) ? items.filter((item) => item !== itemIdx) : items;

export const itemSetOf = (items: Iterable<number>): ItemSet => Uint32Array.from(new Set(items)).sort();

/** No item takes more. */
export const mostItemBytes = 5;

/**
 * Writes the ascending `items[from]` … `items[to - 1]` into `bytes` from `at` on: the gaps between neighbours, less one, as
 * base-128 varints, low digits first. Answers where it ended.
 */
export const writeItems = (
  bytes: Uint8Array,
  at: number,
  items: Uint32Array | Int32Array,
  from: number,
  to: number,
): number => {
  let next = at;
  let before = -1;
  for (let i = from; i < to; i++) {
    let gap = items[i] - before - 1;
    before = items[i];
    for (; gap > 0x7f; gap >>>= 7) bytes[next++] = (gap & 0x7f) | 0x80;
    bytes[next++] = gap;
  }
  return next;
};

export const encodeItemSet = (items: ItemSet): Uint8Array => {
  const bytes = new Uint8Array(mostItemBytes * items.length);
  return bytes.slice(0, writeItems(bytes, 0, items, 0, items.length));
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
