/** ItemSums: sums by item of one request, few among many items: a hash table that stays small enough for the CPU's caches. */
export interface ItemSums {
  readonly clear: () => void;
  /** `value` above 0. */
  readonly add: (itemIdx: number, value: number) => void;
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
    of: (itemIdx) => {
      const slot = slotOf(itemIdx + 1);
      return keys[slot] === 0 ? 0 : sums[slot];
    },
    size: () => size,
    itemAt: (place) => keys[taken[place]] - 1,
    sumAt: (place) => sums[taken[place]],
  };
};
