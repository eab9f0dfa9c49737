/**
 * Passing: the items that are for sale and as a request's condition says, by row: what a search is asked among, and the first look of
 * the gate. Kept current as items change, for the conditions that were asked for last.
 */
import type { Where } from "../../domain/Where.ts";
import type { CacheSize } from "../../vitals/Vitals.ts";
import type { ServingItems } from "../ServingItems.ts";
import type { Candidate } from "./Candidate.ts";

export interface Passing {
  readonly where: Where | undefined;
  /** By row: 1 where the item may be answered, else 0. */
  readonly rows: Uint8Array;
  /** Whether the item of a row may be answered at `now` (unix milliseconds), as it is said at this moment. */
  readonly isNow: (row: number, now: number) => boolean;
  /** The rows, the most popular by the batch first, ties by buyers, then by index; what came since last. */
  readonly inOrder: () => Iterable<number>;
  /** Rows of new items. */
  readonly fresh: () => Uint32Array;
}

export interface PassingItems {
  /** Undefined: all that are for sale; as of when the catalogue was told the time last (`LiveItems.advance`). */
  readonly of: (where: Where | undefined) => Passing;
  /** Of the conditions that are kept. */
  readonly size: () => CacheSize;
}

interface Kept extends Passing {
  readonly set: (row: number, now: number) => void;
}

/** Conditions that are kept: so many, and of them fewer where a shop has many items. */
const mostKept = 64;
const keptBytes = 64 * 2 ** 20;

/** Places that are looked at one by one before they are put in bits: a multiple of 32. */
const nearPlaces = 512;

/** `some` where `others` are, too; both 0 or 1, and of the same length, a multiple of four. */
const both = (some: Uint8Array, others: Uint8Array): void => {
  const into = new Uint32Array(some.buffer);
  const from = new Uint32Array(others.buffer);
  for (let i = 0; i < into.length; i++) into[i]! &= from[i]!;
};

/** By row its place, and by place its row. */
const placesOf = ({ buyers, itemIdx, popularity, size }: ServingItems) => {
  const capacity = itemIdx.length;
  const rowAt = Uint32Array.from({ length: capacity }, (_, row) => row);
  rowAt
    .subarray(0, size())
    .sort((a, b) => popularity[b]! - popularity[a]! || buyers[b]! - buyers[a]! || itemIdx[a]! - itemIdx[b]!);
  const placeOf = new Uint32Array(capacity);
  rowAt.forEach((row, place) => {
    placeOf[row] = place;
  });
  return { rowAt, placeOf };
};

export const makePassing = (items: ServingItems, now: number): PassingItems => {
  const { isNew } = items;
  const capacity = items.itemIdx.length;
  const { placeOf, rowAt } = placesOf(items);
  const rowsBefore = items.size();
  const newBefore = Uint32Array.from(isNew.subarray(0, rowsBefore).keys()).filter((row) => isNew[row] === 1);
  /** Rows of new items that pass; those that came since are new. */
  const freshOf = (rows: Uint8Array): Uint32Array => {
    const found = new Uint32Array(newBefore.length + items.size() - rowsBefore);
    let n = 0;
    for (let i = 0; i < newBefore.length; i++) if (rows[newBefore[i]!] === 1) found[n++] = newBefore[i]!;
    for (let row = rowsBefore; row < items.size(); row++) if (rows[row] === 1) found[n++] = row;
    return found.slice(0, n);
  };
  /** The same of a few rows in any order. */
  const newOf = (rows: Uint32Array): Uint32Array => {
    const found = new Uint32Array(rows.length);
    let n = 0;
    let isSorted = true;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (isNew[row] === 0) continue;
      if (n > 0 && found[n - 1]! > row) isSorted = false;
      found[n++] = row;
    }
    return isSorted ? found.slice(0, n) : found.slice(0, n).sort();
  };
  /** A byte by row, a bit by place. */
  const bytesEach = (9 * capacity) / 8;
  const most = Math.min(mostKept, Math.max(4, Math.floor(keptBytes / bytesEach)));

  const emptyRows = (): Uint8Array => new Uint8Array(4 * Math.ceil(capacity / 4));

  /** `few`: all that pass, as long as none has changed; undefined: not told. */
  const make = (where: Where | undefined, rows: Uint8Array, few: Uint32Array | undefined): Kept => {
    let passing = few;
    const matches = where === undefined ? () => true : items.matcher(where);
    const isNow = (row: number, at: number): boolean => items.isOpen(row, at) && matches(row);
    let fresh: Uint32Array | undefined;
    /** A bit by place: made for whoever looks far. */
    let places: Uint32Array | undefined;

    const place = (bits: Uint32Array, row: number): void => {
      bits[placeOf[row]! >>> 5]! |= 1 << (placeOf[row]! & 31);
    };
    const placed = (): Uint32Array => {
      const bits = new Uint32Array(Math.ceil(capacity / 32));
      if (passing !== undefined) for (const row of passing) place(bits, row);
      else for (let row = 0; row < items.size(); row++) if (rows[row] === 1) place(bits, row);
      return bits;
    };
    /** By row, for what is drawn from them goes by their order. */
    const findFresh = (): Uint32Array =>
      passing !== undefined && passing.length < newBefore.length ? newOf(passing) : freshOf(rows);

    return {
      where,
      rows,
      isNow,
      *inOrder() {
        let from = 0;
        if (places === undefined) {
          for (; from < nearPlaces && from < capacity; from++) if (rows[rowAt[from]!] === 1) yield rowAt[from]!;
          if (from === capacity) return;
        }
        places ??= placed();
        for (let word = from >>> 5; word < places.length; word++) {
          for (let bits = places[word]!; bits !== 0; bits &= bits - 1)
            yield rowAt[32 * word + 31 - Math.clz32(bits & -bits)]!;
        }
      },
      fresh: () => {
        fresh ??= findFresh();
        return fresh;
      },
      set: (row, at) => {
        const passes = isNow(row, at);
        if ((rows[row] === 1) === passes) return;
        rows[row] = passes ? 1 : 0;
        passing = undefined;
        if (places !== undefined) places[placeOf[row]! >>> 5]! ^= 1 << (placeOf[row]! & 31);
        if (isNew[row] === 1) fresh = undefined;
      },
    };
  };

  const forSale = emptyRows();
  for (let row = 0; row < items.size(); row++) forSale[row] = items.isOpen(row, now) ? 1 : 0;
  const all = make(undefined, forSale, undefined);

  /** What of these is for sale, each once; `rows` become 1. */
  const put = (few: Uint32Array, rows: Uint8Array): Uint32Array => {
    let n = 0;
    for (const row of few) {
      if (all.rows[row] === 0 || rows[row] === 1) continue;
      rows[row] = 1;
      few[n++] = row;
    }
    return few.subarray(0, n);
  };

  const makeAsked = (where: Where): Kept => {
    const rows = emptyRows();
    const few = items.few(where);
    if (few !== undefined) return make(where, rows, put(few, rows));
    items.fill(where, rows);
    both(rows, all.rows);
    return make(where, rows, undefined);
  };
  /** The least recently asked for first. */
  const kept = new Map<string, Kept>();
  items.onChange((rows, at) => {
    for (const row of rows) {
      all.set(row, at);
      for (const one of kept.values()) one.set(row, at);
    }
  });

  return {
    size: () => ({ entries: kept.size, bytes: Math.ceil(bytesEach * kept.size) + items.fewBytes() }),
    of: (where) => {
      if (where === undefined) return all;
      const key = JSON.stringify(where);
      const one = kept.get(key) ?? makeAsked(where);
      kept.delete(key);
      kept.set(key, one);
      if (kept.size > most) kept.delete(kept.keys().next().value!);
      return one;
    },
  };
};

/** The rows as candidates, made as far as they are asked for. */
export function* inOrder(rows: Iterable<number>, { itemIdx, popularity }: ServingItems): Iterable<Candidate> {
  for (const row of rows) yield { itemIdx: itemIdx[row]!, row, source: "catalogue", score: popularity[row]! };
}
