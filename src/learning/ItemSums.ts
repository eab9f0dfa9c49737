/** ItemSums: sums by item of one request, few among many items: a hash table that stays small enough for the CPU's caches. */
export interface ItemSums {
  readonly clear: () => void;
  /** `value` above 0. */
  readonly add: (itemIdx: number, value: number) => void;
  /** Adds factor · √count of the entries from `from` to `to` − 1; counts above 0, each item once. */
  readonly addRoots: (items: Uint32Array, counts: Float64Array, from: number, to: number, factor: number) => void;
  /** 0 where nothing was added. */
  readonly of: (itemIdx: number) => number;
  /** How many items have a sum, and which, in the order of their first. */
  readonly size: () => number;
  readonly itemAt: (place: number) => number;
  readonly sumAt: (place: number) => number;
}

const firstBits = 12;

export const makeItemSums = (): ItemSums => {
  let bits = firstBits;
  let mask = 2 ** bits - 1;
  /** 1 + itemIdx; 0: free. Linear probing, at most half of it taken. */
  let keys = new Uint32Array(mask + 1);
  let sums = new Float64Array(mask + 1);
  /** By place, where it stands. */
  let taken = new Uint32Array((mask + 1) / 2);
  let size = 0;

  const slotOf = (key: number): number => {
    let slot = Math.imul(key, 0x9e3779b1) >>> (32 - bits);
    while (keys[slot] !== key && keys[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  };

  const grow = (): void => {
    const [before, values, places] = [keys, sums, taken];
    bits++;
    mask = 2 ** bits - 1;
    keys = new Uint32Array(mask + 1);
    sums = new Float64Array(mask + 1);
    taken = new Uint32Array((mask + 1) / 2);
    for (let place = 0; place < size; place++) {
      const key = before[places[place]];
      const slot = slotOf(key);
      keys[slot] = key;
      sums[slot] = values[places[place]];
      taken[place] = slot;
    }
  };

  return {
    clear: () => {
      for (let place = 0; place < size; place++) keys[taken[place]] = 0;
      size = 0;
    },
    add: (itemIdx, value) => {
      const key = itemIdx + 1;
      let slot = slotOf(key);
      if (keys[slot] !== 0) {
        sums[slot] += value;
        return;
      }
      if (size === taken.length) {
        grow();
        slot = slotOf(key);
      }
      keys[slot] = key;
      sums[slot] = value;
      taken[size++] = slot;
    },
    addRoots: (items, counts, from, to, factor) => {
      while (size + to - from > taken.length) grow();
      // Of this scope: a loop is twice as fast without looking at what encloses it.
      const [ownKeys, ownSums, places, wrap, shift] = [keys, sums, taken, mask, 32 - bits];
      let end = size;
      for (let at = from; at < to; at++) {
        const key = items[at] + 1;
        const value = factor * Math.sqrt(counts[at]);
        let slot = Math.imul(key, 0x9e3779b1) >>> shift;
        while (ownKeys[slot] !== key && ownKeys[slot] !== 0) slot = (slot + 1) & wrap;
        if (ownKeys[slot] !== 0) ownSums[slot] += value;
        else {
          ownKeys[slot] = key;
          ownSums[slot] = value;
          places[end++] = slot;
        }
      }
      size = end;
    },
    of: (itemIdx) => {
      const slot = slotOf(itemIdx + 1);
      return keys[slot] === 0 ? 0 : sums[slot];
    },
    size: () => size,
    itemAt: (place) => keys[taken[place]] - 1,
    sumAt: (place) => sums[taken[place]],
  };
};
