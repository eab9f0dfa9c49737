/**
 * InteractionSums: the sum of weights of every (user, item) pair and whether it was bought, in memory bounded by the
 * distinct pairs.
 *
 * Interactions gather in a chunk of typed arrays; a full chunk is sorted by user and item and merged into the running
 * sums, a sparse matrix in CSR form. Each sum adds its weights one by one in the order they came, so the result does not
 * depend on the size of the chunk, to the bit.
 */
import { countingSort } from "./CountingSort.ts";

/** User u has the items, sums and marks at `pointers[u]` … `pointers[u + 1] - 1`, by item. */
export interface SummedPairs {
  readonly users: number;
  readonly pointers: Uint32Array;
  readonly items: Uint32Array;
  readonly sums: Float64Array;
  /** 1 where any interaction of the pair was a purchase. */
  readonly bought: Uint8Array;
}

export interface InteractionSums {
  readonly add: (user: number, item: number, weight: number, bought: boolean) => void;
  readonly finish: () => SummedPairs;
}

/** Interactions gathered before they are merged: 68 MB of typed arrays. */
export const defaultChunk = 4 << 20;
const firstChunk = 1 << 14;

export const emptyPairs: SummedPairs = {
  users: 0,
  pointers: new Uint32Array(1),
  items: new Uint32Array(0),
  sums: new Float64Array(0),
  bought: new Uint8Array(0),
};

/** `from` in a new array of `length`. */
export const grown = <A extends Uint32Array | Float64Array | Uint8Array>(from: A, length: number): A => {
  const to = new (from.constructor as new (length: number) => A)(length);
  to.set(from);
  return to;
};

interface Chunk {
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  readonly weights: Float64Array;
  readonly bought: Uint8Array;
  readonly count: number;
}

const largest = (values: Uint32Array, count: number): number => {
  let most = -1;
  for (let i = 0; i < count; i++) if (values[i] > most) most = values[i];
  return most;
};

const merge = (pairs: SummedPairs, chunk: Chunk): SummedPairs => {
  const { count } = chunk;
  const users = Math.max(pairs.users, largest(chunk.users, count) + 1);
  const byItem = countingSort(chunk.items, count, largest(chunk.items, count) + 1);
  const order = countingSort(chunk.users, count, users, byItem);
  const pointers = new Uint32Array(users + 1);
  let items = new Uint32Array(pairs.items.length + count);
  let sums = new Float64Array(pairs.items.length + count);
  let bought = new Uint8Array(pairs.items.length + count);
  let written = 0;
  let fresh = 0;
  for (let user = 0; user < users; user++) {
    let old = user < pairs.users ? pairs.pointers[user] : 0;
    const oldEnd = user < pairs.users ? pairs.pointers[user + 1] : 0;
    while (old < oldEnd || (fresh < count && chunk.users[order[fresh]] === user)) {
      const freshItem =
        fresh < count && chunk.users[order[fresh]] === user ? chunk.items[order[fresh]] : Number.POSITIVE_INFINITY;
      const oldItem = old < oldEnd ? pairs.items[old] : Number.POSITIVE_INFINITY;
      const item = Math.min(oldItem, freshItem);
      let sum = 0;
      let mark = 0;
      if (oldItem === item) {
        mark = pairs.bought[old];
        sum = pairs.sums[old++];
      }
      while (fresh < count && chunk.items[order[fresh]] === item && chunk.users[order[fresh]] === user) {
        mark |= chunk.bought[order[fresh]];
        sum += chunk.weights[order[fresh++]];
      }
      items[written] = item;
      bought[written] = mark;
      sums[written++] = sum;
    }
    pointers[user + 1] = written;
  }
  items = items.slice(0, written);
  sums = sums.slice(0, written);
  bought = bought.slice(0, written);
  return { users, pointers, items, sums, bought };
};

/** Users and items are indices from 0 up; `chunk` is how many interactions are gathered before they are merged. */
export const makeInteractionSums = (chunk = defaultChunk): InteractionSums => {
  let pairs = emptyPairs;
  let users = new Uint32Array(Math.min(chunk, firstChunk));
  let items = new Uint32Array(users.length);
  let weights = new Float64Array(users.length);
  let bought = new Uint8Array(users.length);
  let count = 0;
  const flush = (): void => {
    if (count > 0) pairs = merge(pairs, { users, items, weights, bought, count });
    count = 0;
  };
  return {
    add: (user, item, weight, isBought) => {
      if (count === users.length) {
        if (count === chunk) flush();
        else {
          const length = Math.min(chunk, 2 * count);
          users = grown(users, length);
          items = grown(items, length);
          weights = grown(weights, length);
          bought = grown(bought, length);
        }
      }
      users[count] = user;
      items[count] = item;
      bought[count] = isBought ? 1 : 0;
      weights[count++] = weight;
    },
    finish: () => {
      flush();
      return pairs;
    },
  };
};
