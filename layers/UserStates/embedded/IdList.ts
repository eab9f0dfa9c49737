/** IdList: many shop's ids in little memory, and an order that puts those side by side that LMDB does. */

export interface IdList {
  readonly count: number;
  /** Bytes of all ids. */
  readonly size: number;
  /** Answers the id's UTF-8, until the next one is added. */
  readonly add: (id: string, userIdx: number) => Uint8Array;
  /** By place, which is how many were added before. */
  readonly bytesOf: (place: number) => Uint8Array;
  readonly idxOf: (place: number) => number;
}

const grown = (numbers: Uint32Array): Uint32Array<ArrayBuffer> => {
  const more = new Uint32Array(2 * numbers.length);
  more.set(numbers);
  return more;
};

export const makeIdList = (): IdList => {
  let bytes = Buffer.allocUnsafe(1 << 16);
  let ends = new Uint32Array(1 << 10);
  let indices = new Uint32Array(1 << 10);
  let count = 0;
  let size = 0;
  return {
    get count() {
      return count;
    },
    get size() {
      return size;
    },
    add: (id, userIdx) => {
      const most = size + 3 * id.length;
      if (most > bytes.length) {
        const more = Buffer.allocUnsafe(Math.max(most, 2 * bytes.length));
        more.set(bytes.subarray(0, size));
        bytes = more;
      }
      if (count === ends.length) {
        ends = grown(ends);
        indices = grown(indices);
      }
      const end = size + bytes.write(id, size);
      const added = bytes.subarray(size, end);
      indices[count] = userIdx;
      ends[count++] = end;
      size = end;
      return added;
    },
    bytesOf: (place) => bytes.subarray(place === 0 ? 0 : ends[place - 1], ends[place]),
    idxOf: (place) => indices[place]!,
  };
};

/** How many bytes all ids have in common at their beginning. */
const sharedBytes = ({ bytesOf, count }: IdList): number => {
  const first = bytesOf(0);
  let shared = first.length;
  for (let place = 1; place < count && shared > 0; place++) {
    const id = bytesOf(place);
    let same = 0;
    while (same < shared && same < id.length && id[same] === first[same]) same++;
    shared = same;
  }
  return shared;
};

/** Pairs of bytes that are looked at. */
const digits = 4;
const digitValues = 1 << 16;

/**
 * The places in the order of the first eight bytes behind what all ids begin with: that brings nearly all that are stored
 * on one page together, in a fraction of a whole sort's time.
 */
export const nearlySorted = (ids: IdList): Uint32Array => {
  const { count } = ids;
  let order = Uint32Array.from({ length: count }, (_, place) => place);
  if (count < 2) return order;
  const from = sharedBytes(ids);
  const values = new Uint16Array(digits * count);
  for (let place = 0; place < count; place++) {
    const id = ids.bytesOf(place);
    for (let d = 0; d < digits; d++) {
      const at = from + 2 * d;
      values[digits * place + d] = ((id[at] ?? 0) << 8) | (id[at + 1] ?? 0);
    }
  }
  let next = new Uint32Array(count);
  // By the last digit first: each pass keeps the order of what is equal in its own.
  for (let d = digits - 1; d >= 0; d--) {
    const starts = new Uint32Array(digitValues + 1);
    for (let place = 0; place < count; place++) starts[values[digits * place + d]! + 1]!++;
    for (let value = 1; value <= digitValues; value++) starts[value]! += starts[value - 1]!;
    for (const place of order) next[starts[values[digits * place + d]!]!++] = place;
    [order, next] = [next, order];
  }
  return order;
};
