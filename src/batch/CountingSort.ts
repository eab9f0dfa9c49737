/** CountingSort: a stable order of small whole numbers, in time linear in how many there are. */

/**
 * The first `count` positions of `keys`, ordered by key (each below `buckets`); equal keys keep the order they have in
 * `order`, or in `keys` where no order is given.
 */
export const countingSort = (keys: Uint32Array, count: number, buckets: number, order?: Uint32Array): Uint32Array => {
  const next = new Uint32Array(buckets + 1);
  for (let i = 0; i < count; i++) next[keys[i] + 1]++;
  for (let b = 0; b < buckets; b++) next[b + 1] += next[b];
  const sorted = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const position = order === undefined ? i : order[i];
    sorted[next[keys[position]]++] = position;
  }
  return sorted;
};
