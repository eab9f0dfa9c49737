/**
 * PairTable: a count per pair of items, the source and what followed it, and a total per source; the pairs of a source are a chain.
 * Takes 32 bytes per pair and as much per source, and up to twice that while there are few. Items are passed as their words:
 * u32 as i32.
 */

/**
 * Records of three words and a double, each in one piece of memory, since every event touches many of them, all over. Record r
 * has words 6r to 6r + 2 and double 3r + 2. A source: its item, the first and the last of its pairs; its total. A pair: its source,
 * the follower, the source's next pair; its count. -1 stands for no pair.
 */
export interface Records {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

export const stride = 6;
export const [itemAt, firstAt, lastAt] = [0, 1, 2];
export const [sourceAt, followerAt, afterAt] = [0, 1, 2];

/** Changed in place. */
export interface PairTable {
  /** Both in the order in which they were first counted. */
  sources: number;
  sourceRecords: Records;
  pairs: number;
  pairRecords: Records;
  /** Open addressing by linear probing: the number of a source or pair; -1 for none. */
  sourceSlots: Int32Array;
  pairSlots: Int32Array;
}

const leastRoom = 16;

const recordsFor = (room: number, before?: Records): Records => {
  const doubles = new Float64Array(3 * room);
  if (before !== undefined) doubles.set(before.doubles);
  return { doubles, words: new Int32Array(doubles.buffer) };
};

const roomOf = ({ doubles }: Records): number => doubles.length / 3;

/** A power of two, at least a third of it free. */
const slotsFor = (room: number): Int32Array => new Int32Array(2 ** Math.ceil(Math.log2(1.5 * room))).fill(-1);

export const makePairTable = (sources: number, pairs: number): PairTable => ({
  sources: 0,
  sourceRecords: recordsFor(Math.max(leastRoom, sources)),
  pairs: 0,
  pairRecords: recordsFor(Math.max(leastRoom, pairs)),
  sourceSlots: slotsFor(Math.max(leastRoom, sources)),
  pairSlots: slotsFor(Math.max(leastRoom, pairs)),
});

const mixed = (a: number, b: number): number => {
  const h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  const k = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return k ^ (k >>> 13);
};

/** Where the source of an item, its word, stands among the slots, or would stand. */
export const sourceSlot = ({ sourceRecords: { words }, sourceSlots }: PairTable, item: number): number => {
  const mask = sourceSlots.length - 1;
  let at = mixed(item, 0) & mask;
  for (let s = sourceSlots[at]; s >= 0 && words[stride * s] !== item; s = sourceSlots[at]) at = (at + 1) & mask;
  return at;
};

const pairSlot = ({ pairRecords: { words }, pairSlots }: PairTable, source: number, follower: number): number => {
  const mask = pairSlots.length - 1;
  let at = mixed(follower, source + 1) & mask;
  for (let p = pairSlots[at]; p >= 0; p = pairSlots[at]) {
    if (words[stride * p + followerAt] === follower && words[stride * p] === source) break;
    at = (at + 1) & mask;
  }
  return at;
};

export const indexSources = (table: PairTable): void => {
  const { sourceRecords, sourceSlots, sources } = table;
  for (let s = 0; s < sources; s++) sourceSlots[sourceSlot(table, sourceRecords.words[stride * s + itemAt])] = s;
};

export const indexPairs = (table: PairTable): void => {
  const { pairRecords, pairSlots, pairs } = table;
  for (let p = 0; p < pairs; p++) {
    const at = stride * p;
    pairSlots[pairSlot(table, pairRecords.words[at + sourceAt], pairRecords.words[at + followerAt])] = p;
  }
};

/** Puts the pair behind the others of its source. */
export const chain = ({ pairRecords, sourceRecords }: PairTable, p: number): void => {
  const at = stride * pairRecords.words[stride * p + sourceAt];
  const last = sourceRecords.words[at + lastAt];
  if (last < 0) sourceRecords.words[at + firstAt] = p;
  else pairRecords.words[stride * last + afterAt] = p;
  sourceRecords.words[at + lastAt] = p;
  pairRecords.words[stride * p + afterAt] = -1;
};

/** The number of the item's source, which is made where it is new. */
export const sourceOf = (table: PairTable, item: number): number => {
  let slot = sourceSlot(table, item);
  const found = table.sourceSlots[slot];
  if (found >= 0) return found;
  if (table.sources === roomOf(table.sourceRecords)) {
    table.sourceRecords = recordsFor(2 * table.sources, table.sourceRecords);
    table.sourceSlots = slotsFor(2 * table.sources);
    indexSources(table);
    slot = sourceSlot(table, item);
  }
  const s = table.sources++;
  const { doubles, words } = table.sourceRecords;
  words[stride * s + itemAt] = item;
  words[stride * s + firstAt] = -1;
  words[stride * s + lastAt] = -1;
  doubles[3 * s + 2] = 0;
  table.sourceSlots[slot] = s;
  return s;
};

/** Adds to a pair's count; `most`: pairs that there is ever room for. */
export const addCount = (
  table: PairTable,
  source: number,
  follower: number,
  count: number,
  most = Number.POSITIVE_INFINITY,
): void => {
  let slot = pairSlot(table, source, follower);
  const found = table.pairSlots[slot];
  if (found >= 0) {
    table.pairRecords.doubles[3 * found + 2] += count;
    return;
  }
  if (table.pairs === roomOf(table.pairRecords)) {
    const room = Math.max(table.pairs + 1, Math.min(2 * table.pairs, most));
    table.pairRecords = recordsFor(room, table.pairRecords);
    table.pairSlots = slotsFor(room);
    indexPairs(table);
    slot = pairSlot(table, source, follower);
  }
  const p = table.pairs++;
  table.pairRecords.words[stride * p + sourceAt] = source;
  table.pairRecords.words[stride * p + followerAt] = follower;
  table.pairRecords.doubles[3 * p + 2] = count;
  table.pairSlots[slot] = p;
  chain(table, p);
};

/** Shows each follower of the item; answers the item's total, 0 where nothing followed it. */
export const visitPairs = (
  table: PairTable,
  item: number,
  visit: (follower: number, count: number) => void,
): number => {
  const s = table.sourceSlots[sourceSlot(table, item | 0)];
  if (s < 0) return 0;
  const { doubles, words } = table.pairRecords;
  for (let p = table.sourceRecords.words[stride * s + firstAt]; p >= 0; p = words[stride * p + afterAt]) {
    visit(words[stride * p + followerAt] >>> 0, doubles[3 * p + 2]);
  }
  return table.sourceRecords.doubles[3 * s + 2];
};
