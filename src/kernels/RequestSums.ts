/**
 * RequestSums: the blend kernel's sums by item, of one request at a time (assembly/blend.ts): weight times root, over lists that are
 * kept as copies beside them. Of few items they stand in an array by item, of many in a hash table.
 */
export interface SumExports {
  readonly add: (
    table: number,
    used: number,
    bits: number,
    factor: number,
    stamp: number,
    taken: number,
    list: number,
    weight: number,
  ) => number;
  readonly addPlain: (plain: number, lists: number, weights: number, count: number) => void;
  readonly countPlain: (plain: number, length: number) => number;
  readonly moveIntoTable: (
    plain: number,
    length: number,
    table: number,
    used: number,
    bits: number,
    factor: number,
    stamp: number,
  ) => number;
  readonly sumOf: (table: number, bits: number, factor: number, stamp: number, item: number) => number;
  readonly gather: (used: number, taken: number, most: number, sample: number, items: number, into: number) => number;
  readonly gatherPlain: (
    plain: number,
    length: number,
    taken: number,
    most: number,
    sample: number,
    items: number,
    into: number,
  ) => number;
  readonly putBestFirst: (rows: number, sums: number, count: number, most: number) => void;
}

export interface Gathered {
  size: number;
  readonly items: Uint32Array;
  readonly sums: Float64Array;
}

/** Entries `from` to `to` − 1 of `items`, each item once, and of their roots; stays as it is. */
export interface RootList {
  readonly items: Uint32Array;
  readonly roots: Float32Array;
  readonly from: number;
  readonly to: number;
}

export interface RequestSums {
  /** Forgets all sums. */
  readonly clear: () => void;
  /** Adds weight · root of a row's list; weights and roots are above 0. Quick where it is the same object as the row had the last time. */
  readonly add: (row: number, list: RootList, weight: number) => void;
  /** How many items have a sum. */
  readonly size: () => number;
  /** 0 where nothing was added. */
  readonly sumOf: (item: number) => number;
  /** At least the `most` with the largest sums, in no order, or all; until the next call. */
  readonly gather: (most: number) => Gathered;
  /** Puts the best `most` first, in no order, of so many rows and sums that were written over what was gathered; the smaller row of equals. */
  readonly putBestFirst: (count: number, most: number) => void;
}

export interface SumRoom {
  /** How many items there are: most numbers are below it. */
  readonly items: number;
  /** Lists that are added up at once, at most, */
  readonly lists: number;
  /** and entries of each. */
  readonly entries: number;
  /** Copies of lists that are kept for the next time, each once it is added: 8 bytes per entry that there is room for. */
  readonly kept: number;
}

/** Entries of 16 bytes: a quarter of a megabyte, which a processor has near. */
const ownBits = 14;
/** Sums of so many items are cleared and gone through sooner than those of a request are looked for. */
const mostPlain = 2 ** 13;
/** 2³² over the golden ratio: D. E. Knuth, "The Art of Computer Programming" 3, 6.4. */
const golden = 0x9e3779b1;

/** Reserves its part of the memory; what it answers makes the sums of `rows` rows' lists once that is there. */
export const reserveSums = (
  { entries: each, items, kept, lists }: SumRoom,
  reserve: (bytes: number) => number,
): ((kernel: SumExports, buffer: ArrayBuffer, rows: number) => RequestSums) => {
  const entries = lists * each;
  const listWords = 16 * Math.ceil((2 + 2 * each) / 16);
  const least = Math.max(6, Math.ceil(Math.log2(2 * entries)));
  // Where there are few items, each has an entry of its own.
  const isOwn = items <= 2 ** ownBits;
  const bits = isOwn ? Math.max(least, Math.ceil(Math.log2(items + 1))) : least;
  const factor = isOwn ? 2 ** (32 - bits) : golden;
  // Some are numbered higher: those that came since.
  const plainItems = items <= mostPlain ? Math.min(mostPlain, 64 * Math.ceil(items / 32)) : 0;
  const table = reserve(16 * 2 ** bits);
  const plainAt = reserve(8 * plainItems);
  const used = reserve(4 * (entries + 1));
  const sampleAt = reserve(8 * 64);
  const gatheredSums = reserve(8 * entries);
  const gatheredItems = reserve(4 * entries);
  const listsAt = reserve(4 * lists);
  const weightsAt = reserve(8 * lists);
  const keptAt = reserve(4 * listWords * kept);

  return (kernel, buffer, rows) => {
    const stamps = new Uint32Array(buffer, table, 4 * 2 ** bits);
    const plain = new Float64Array(buffer, plainAt, plainItems);
    const keptItems = new Uint32Array(buffer, keptAt, listWords * kept);
    const keptRoots = new Float32Array(buffer, keptAt, listWords * kept);
    const gathered = {
      size: 0,
      items: new Uint32Array(buffer, gatheredItems, entries),
      sums: new Float64Array(buffer, gatheredSums, entries),
    };
    /** By place: the list that a copy is of; and by row, the place of its last one. */
    const held = new Array<RootList | undefined>(kept).fill(undefined);
    const placeOf = new Uint32Array(rows);
    /** Until an item is numbered too high for the array. */
    let isPlain = plainItems > 0;
    /** Items below it may have a sum in the array. */
    let plainEnd = 0;
    /** How many items have a sum; undefined: they are not counted yet. */
    let taken: number | undefined = 0;
    /** Lists that are to be added to the array, in one call, and their weights. */
    const due = {
      count: 0,
      lists: new Uint32Array(buffer, listsAt, lists),
      weights: new Float64Array(buffer, weightsAt, lists),
    };
    let [next, stamp] = [0, 1];

    const addDue = (): void => {
      if (due.count > 0) kernel.addPlain(plainAt, listsAt, weightsAt, due.count);
      due.count = 0;
    };

    const size = (): number => {
      addDue();
      taken ??= kernel.countPlain(plainAt, plainEnd);
      return taken;
    };

    const makeRoomFor = (item: number): void => {
      if (item < plainItems) plainEnd = Math.max(plainEnd, 64 * Math.ceil((item + 1) / 64));
      else {
        isPlain = false;
        taken = kernel.moveIntoTable(plainAt, plainEnd, table, used, bits, factor, stamp);
      }
    };

    /** Copies a list to the place that was written the longest ago. */
    const keep = (row: number, list: RootList): number => {
      const { from, items, roots, to } = list;
      // Of the list that is written over.
      addDue();
      const place = next;
      const start = listWords * place;
      keptItems[start] = to - from;
      let highest = 0;
      for (let at = from, into = start + 2; at < to; at++, into += 2) {
        keptItems[into] = items[at];
        keptRoots[into + 1] = roots[at];
        if (items[at] > highest) highest = items[at];
      }
      if (isPlain) makeRoomFor(highest);
      held[place] = list;
      placeOf[row] = place;
      next = (next + 1) % kept;
      return place;
    };

    return {
      clear: () => {
        taken = 0;
        due.count = 0;
        if (isPlain) return void plain.fill(0, 0, plainEnd);
        if (stamp === 2 ** 31 - 1) {
          stamps.fill(0);
          stamp = 0;
        }
        stamp++;
      },
      add: (row, list, weight) => {
        let place = placeOf[row];
        if (held[place] !== list) place = keep(row, list);
        const at = keptAt + 4 * listWords * place;
        if (isPlain) {
          if (due.count === lists) addDue();
          due.lists[due.count] = at;
          due.weights[due.count++] = weight;
          taken = undefined;
        } else taken = kernel.add(table, used, bits, factor, stamp, size(), at, weight);
      },
      size,
      sumOf: (item) => {
        addDue();
        return isPlain ? (plain[item] ?? 0) : kernel.sumOf(table, bits, factor, stamp, item);
      },
      gather: (most) => {
        gathered.size = isPlain
          ? kernel.gatherPlain(plainAt, plainEnd, size(), most, sampleAt, gatheredItems, gatheredSums)
          : kernel.gather(used, size(), most, sampleAt, gatheredItems, gatheredSums);
        return gathered;
      },
      putBestFirst: (count, most) => kernel.putBestFirst(gatheredItems, gatheredSums, count, most),
    };
  };
};
