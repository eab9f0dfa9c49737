/** ItemSums: sums by item of one request, few among many items: a hash table that stays small enough for the CPU's caches. */
export interface ItemSums {
  readonly clear: () => void;
  /** `value` above 0. */
  readonly add: (itemIdx: number, value: number) => void;
  /** Adds factor · root of the entries from `from` to `to` − 1; roots above 0, each item once. */
  readonly addRoots: (items: Uint32Array, roots: Float32Array, from: number, to: number, factor: number) => void;
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
  /** 1 + a place; 0: free. Linear probing, at most half of it taken. */
  let slots = new Uint32Array(mask + 1);
  /** By place: the item and its sum, one after another, as a pass over all wants them. */
  let items = new Uint32Array((mask + 1) / 2);
  let sums = new Float64Array((mask + 1) / 2);
  let size = 0;

  /** Where an item is, or would be. */
  const slotOf = (itemIdx: number): number => {
    let slot = Math.imul(itemIdx, 0x9e3779b1) >>> (32 - bits);
    while (slots[slot] !== 0 && items[slots[slot] - 1] !== itemIdx) slot = (slot + 1) & mask;
    return slot;
  };

  const put = (itemIdx: number, value: number, slot: number): void => {
    items[size] = itemIdx;
    sums[size] = value;
    slots[slot] = ++size;
  };

  const resize = (to: number): void => {
    bits = to;
    mask = 2 ** bits - 1;
    slots = new Uint32Array(mask + 1);
    items = new Uint32Array((mask + 1) / 2);
    sums = new Float64Array((mask + 1) / 2);
  };

  const grow = (): void => {
    const [before, values, count] = [items, sums, size];
    resize(bits + 1);
    size = 0;
    for (let place = 0; place < count; place++) put(before[place], values[place], slotOf(before[place]));
  };

  return {
    clear: () => {
      // A table that grew for many is not to be emptied for few.
      if (bits > firstBits && size < slots.length / 64) resize(firstBits);
      else slots.fill(0);
      size = 0;
    },
    add: (itemIdx, value) => {
      const slot = slotOf(itemIdx);
      if (slots[slot] !== 0) sums[slots[slot] - 1] += value;
      else if (size < items.length) put(itemIdx, value, slot);
      else {
        grow();
        put(itemIdx, value, slotOf(itemIdx));
      }
    },
    addRoots: (given, roots, from, to, factor) => {
      while (size + to - from > items.length) grow();
      // Of this scope: a loop is twice as fast without looking at what encloses it.
      const [ownSlots, ownItems, ownSums, wrap, shift] = [slots, items, sums, mask, 32 - bits];
      let end = size;
      for (let at = from; at < to; at++) {
        const item = given[at];
        const value = factor * roots[at];
        let slot = Math.imul(item, 0x9e3779b1) >>> shift;
        let place = ownSlots[slot];
        while (place !== 0 && ownItems[place - 1] !== item) {
          slot = (slot + 1) & wrap;
          place = ownSlots[slot];
        }
        if (place !== 0) ownSums[place - 1] += value;
        else {
          ownItems[end] = item;
          ownSums[end] = value;
          ownSlots[slot] = ++end;
        }
      }
      size = end;
    },
    of: (itemIdx) => {
      const place = slots[slotOf(itemIdx)];
      return place === 0 ? 0 : sums[place - 1];
    },
    size: () => size,
    itemAt: (place) => items[place],
    sumAt: (place) => sums[place],
  };
};
