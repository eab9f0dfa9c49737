/**
 * ShownItems: what a user was shown lately and did nothing to since: of each item how often, and when last. Bounded, and packed,
 * since it is read and written whole with every event of the user: 12 bytes per item and 4 per impression, 3,200 at most.
 */

export interface ShownItems {
  /** Three numbers per item: its index, unix seconds of the last impression, how many there were. The last shown stands last. */
  readonly items: Uint32Array;
  /** `impressionKey` of the newest impressions, the newest last: a client's retry counts once. */
  readonly ids: Uint32Array;
}

export const shownSize = 3;
/** The newest are kept. */
export const mostShown = 200;
export const mostImpressions = 200;

export const nothingShown: ShownItems = { items: new Uint32Array(0), ids: new Uint32Array(0) };

export interface ShownItem {
  readonly itemIdx: number;
  /** Unix seconds. */
  readonly last: number;
  readonly count: number;
}

export const unpackShown = ({ items }: ShownItems): ReadonlyArray<ShownItem> =>
  Array.from({ length: items.length / shownSize }, (_, i) => ({
    itemIdx: items[shownSize * i],
    last: items[shownSize * i + 1],
    count: items[shownSize * i + 2],
  }));

/** Where the item stands; -1: it does not. */
const placeOf = (items: Uint32Array, itemIdx: number): number => {
  for (let at = 0; at < items.length; at += shownSize) if (items[at] === itemIdx) return at;
  return -1;
};

/** `list` without the `size` numbers at `from`, and with room for as many at its end; beyond `most` numbers the first fall out. */
const moved = (list: Uint32Array, from: number, size: number, most: number): Uint32Array => {
  const isIn = from >= 0;
  const drop = isIn ? 0 : Math.max(0, list.length + size - most);
  const next = new Uint32Array(list.length - drop + (isIn ? 0 : size));
  if (!isIn) next.set(list.subarray(drop));
  else {
    next.set(list.subarray(0, from));
    next.set(list.subarray(from + size), from);
  }
  return next;
};

export const isRetry = ({ ids }: ShownItems, id: number): boolean => ids.includes(id >>> 0);

/**
 * With an impression more; `id` is the low 32 bits of its event's key (undefined: it has none), `time` unix seconds. One that comes late
 * never makes the item older.
 */
export const withShown = (
  { ids, items }: ShownItems,
  itemIdx: number,
  time: number,
  id: number | undefined,
): ShownItems => {
  const at = placeOf(items, itemIdx);
  const next = moved(items, at, shownSize, shownSize * mostShown);
  const end = next.length - shownSize;
  next[end] = itemIdx;
  next[end + 1] = at < 0 ? Math.floor(time) : Math.max(items[at + 1], Math.floor(time));
  next[end + 2] = at < 0 ? 1 : items[at + 2] + 1;
  if (id === undefined) return { items: next, ids };
  const known = moved(ids, -1, 1, mostImpressions);
  known[known.length - 1] = id;
  return { items: next, ids: known };
};

/** Without the item, with which something was done: the very same where it was not in it. */
export const withoutShown = (shown: ShownItems, itemIdx: number): ShownItems => {
  const at = placeOf(shown.items, itemIdx);
  if (at < 0) return shown;
  const items = new Uint32Array(shown.items.length - shownSize);
  items.set(shown.items.subarray(0, at));
  items.set(shown.items.subarray(at + shownSize), at);
  return { items, ids: shown.ids };
};

const bytesOf = ({ buffer, byteLength, byteOffset }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** How many items, the items, the ids; empty where nothing was shown. */
export const packShown = ({ ids, items }: ShownItems): Uint32Array => {
  if (items.length + ids.length === 0) return new Uint32Array(0);
  const words = new Uint32Array(1 + items.length + ids.length);
  words[0] = items.length / shownSize;
  words.set(items, 1);
  words.set(ids, 1 + items.length);
  return words;
};

/** `packShown`, little-endian as every host that runs the kernels. */
export const encodeShown = (shown: ShownItems): Uint8Array => bytesOf(packShown(shown));

/** Undefined for bytes that are no such list. */
export const decodeShown = (bytes: Uint8Array): ShownItems | undefined => {
  if (bytes.length === 0) return nothingShown;
  if (bytes.length % 4 !== 0) return undefined;
  const words = new Uint32Array(bytes.length / 4);
  bytesOf(words).set(bytes);
  const end = 1 + shownSize * words[0];
  const isOne = words[0] <= mostShown && end <= words.length && words.length - end <= mostImpressions;
  return isOne ? { items: words.slice(1, end), ids: words.slice(end) } : undefined;
};
