/**
 * ByValue: the items of a column in the order of their values, as these were at some moment: where a condition need look.
 *
 * Codes have a group each; numbers at most 257, each from a bound to below the next: bounds are quantiles of values that stand evenly
 * among the items. Within a group items stand by index.
 */

export interface ByValue {
  /** Group after group; those without a value are in none. */
  readonly items: Uint32Array;
  /** By group, where it begins; the last entry is where the last ends. */
  readonly starts: Uint32Array;
}

export interface ByNumber extends ByValue {
  /** The group of a number: how many bounds are no greater. */
  readonly groupOf: (value: number) => number;
}

const mostBounds = 256;
const sampled = 4 * mostBounds;

/** Sorted by counting; `of`: by item, 1 + its group or 0. */
const grouped = (of: Uint32Array, groups: number): ByValue => {
  const starts = new Uint32Array(groups + 1);
  for (const group of of) if (group !== 0) starts[group]++;
  for (let group = 1; group <= groups; group++) starts[group] += starts[group - 1];
  const items = new Uint32Array(starts[groups]);
  const next = starts.slice();
  for (let item = 0; item < of.length; item++) if (of[item] !== 0) items[next[of[item] - 1]++] = item;
  return { items, starts };
};

/** Of codes below `size`, 0 where there is none; the group of a code is its own, that of 0 is empty. */
export const byCode = (codes: ArrayLike<number>, items: number, size: number): ByValue => {
  const of = new Uint32Array(items);
  for (let item = 0; item < items; item++) if (codes[item] !== 0) of[item] = codes[item] + 1;
  return grouped(of, size);
};

const boundsOf = (values: Float64Array, items: number): Float64Array => {
  const step = Math.max(1, items / sampled);
  const sample: Array<number> = [];
  for (let at = 0; at < items; at += step) {
    const value = values[Math.floor(at)];
    if (!Number.isNaN(value)) sample.push(value);
  }
  const sorted = Float64Array.from(sample).sort();
  const every = Math.max(1, Math.ceil(sorted.length / mostBounds));
  return Float64Array.from(new Set(sorted.filter((_, place) => place % every === 0)));
};

/** Of numbers, NaN where there is none. */
export const byNumber = (values: Float64Array, items: number): ByNumber => {
  const bounds = boundsOf(values, items);
  const groupOf = (value: number): number => {
    let [from, to] = [0, bounds.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (bounds[middle] <= value) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  const of = new Uint32Array(items);
  for (let item = 0; item < items; item++) {
    const value = values[item];
    if (!Number.isNaN(value)) of[item] = groupOf(value) + 1;
  }
  return { ...grouped(of, bounds.length + 1), groupOf };
};
