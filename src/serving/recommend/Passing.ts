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
  /** Undefined: all that are for sale. */
  readonly of: (where: Where | undefined, now: number) => Passing;
  /** Of the conditions that are kept. */
  readonly size: () => CacheSize;
}

interface Kept extends Passing {
  readonly set: (row: number, now: number) => void;
}

/** Conditions that are kept: so many, and of them fewer where a shop has many items. */
const mostKept = 64;
const keptBytes = 64 * 2 ** 20;

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
  const most = Math.min(mostKept, Math.max(4, Math.floor(keptBytes / (2 * capacity))));

  const make = (where: Where | undefined, now: number): Kept => {
    const rows = new Uint8Array(capacity);
    const words = new Uint32Array(Math.ceil(capacity / 4));
    /** The same by place. */
    const places = new Uint8Array(words.buffer);
    const matches = where === undefined ? () => true : items.matcher(where);
    const isNow = (row: number, at: number): boolean => items.isOpen(row, at) && matches(row);
    let fresh: Uint32Array | undefined;

    const put = (row: number, passes: boolean): void => {
      rows[row] = passes ? 1 : 0;
      places[placeOf[row]!] = rows[row]!;
    };
    if (where === undefined) rows.fill(1, 0, items.size());
    else items.fill(where, rows);
    // A condition that nobody asked for before costs a step per item: of most items that is all.
    for (let row = 0; row < items.size(); row++) if (rows[row] === 1) put(row, items.isOpen(row, now));

    return {
      where,
      rows,
      isNow,
      *inOrder() {
        for (let word = 0; word < words.length; word++) {
          if (words[word] === 0) continue;
          for (let place = 4 * word; place < 4 * word + 4; place++) if (places[place] === 1) yield rowAt[place]!;
        }
      },
      fresh: () => {
        fresh ??= freshOf(rows);
        return fresh;
      },
      set: (row, at) => {
        const passes = isNow(row, at);
        if ((rows[row] === 1) === passes) return;
        put(row, passes);
        if (isNew[row] === 1) fresh = undefined;
      },
    };
  };

  const all = make(undefined, now);
  /** The least recently asked for first. */
  const kept = new Map<string, Kept>();
  items.onChange((rows, at) => {
    for (const row of rows) {
      all.set(row, at);
      for (const one of kept.values()) one.set(row, at);
    }
  });

  return {
    size: () => ({ entries: kept.size, bytes: 2 * capacity * kept.size }),
    of: (where, at) => {
      if (where === undefined) return all;
      const key = JSON.stringify(where);
      const one = kept.get(key) ?? make(where, at);
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
