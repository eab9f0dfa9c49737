/**
 * Dictionary: different values, each held once, by small codes from 1 on; 0 stands for none. Whoever holds a code is counted: a value
 * that nobody holds any more is let go, and its code is given to another later.
 *
 * A hash table of codes with open addressing and linear probing (Knuth, The Art of Computer Programming 3, 6.4): a third of what a Map
 * takes, and a value may be looked up by the bytes it was stored as, without making it first.
 */
import { hashOfText, isAsciiOf } from "../kernels/TextHash.ts";

export interface Dictionary<A> {
  /** By code; `values[0]` is the value of none. The array stays the same. */
  readonly values: ReadonlyArray<A>;
  readonly codeOf: (value: A) => number | undefined;
  /** The value's code, held once more. */
  readonly take: (value: A) => number;
  /** As `take`, of the value written as the ASCII from `from` to below `to`, with this hash (`kernels/TextHash.ts`). */
  readonly takeAscii: (bytes: Buffer, from: number, to: number, hash: number) => number;
  /** One holder less. */
  readonly release: (code: number) => void;
}

const smallest = 16;

const doubled = (array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
};

export const makeTexts = (): Dictionary<string> => {
  const values: Array<string> = [""];
  const free: Array<number> = [];
  // By code.
  let hashes = new Int32Array(smallest);
  let holders = new Int32Array(smallest);
  /** Codes by their hashes, at most half of them taken; 0: a free place. */
  let places = new Int32Array(2 * smallest);
  let count = 0;

  const put = (code: number): void => {
    const mask = places.length - 1;
    let place = hashes[code]! & mask;
    while (places[place] !== 0) place = (place + 1) & mask;
    places[place] = code;
  };

  const grow = (): void => {
    const before = places;
    places = new Int32Array(2 * before.length);
    for (const code of before) if (code !== 0) put(code);
  };

  /** A code for a value that has none. */
  const add = (value: string, hash: number): number => {
    const code = free.pop() ?? values.length;
    if (code >= hashes.length) {
      hashes = doubled(hashes);
      holders = doubled(holders);
    }
    values[code] = value;
    hashes[code] = hash;
    holders[code] = 1;
    if (2 * ++count > places.length) grow();
    put(code);
    return code;
  };

  /** 0: none. */
  const find = (text: string, hash: number): number => {
    const mask = places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const code = places[place]!;
      if (code === 0 || (hashes[code] === hash && values[code] === text)) return code;
    }
  };

  const findAscii = (bytes: Buffer, from: number, to: number, hash: number): number => {
    const mask = places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const code = places[place]!;
      if (code === 0 || (hashes[code] === hash && isAsciiOf(values[code]!, bytes, from, to))) return code;
    }
  };

  const held = (code: number): number => {
    holders[code]!++;
    return code;
  };

  /** Takes the code out; what stood behind it for want of its place moves up. */
  const remove = (code: number): void => {
    const mask = places.length - 1;
    let gap = hashes[code]! & mask;
    while (places[gap] !== code) gap = (gap + 1) & mask;
    for (let place = (gap + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const wanted = hashes[places[place]!]! & mask;
      if (((place - wanted) & mask) < ((place - gap) & mask)) continue;
      places[gap] = places[place]!;
      gap = place;
    }
    places[gap] = 0;
    count--;
  };

  return {
    values,
    codeOf: (text) => find(text, hashOfText(text)) || undefined,
    take: (text) => {
      const hash = hashOfText(text);
      const code = find(text, hash);
      return code === 0 ? add(text, hash) : held(code);
    },
    takeAscii: (bytes, from, to, hash) => {
      const code = findAscii(bytes, from, to, hash);
      return code === 0 ? add(bytes.toString("latin1", from, to), hash) : held(code);
    },
    release: (code) => {
      if (code === 0 || --holders[code]! > 0) return;
      remove(code);
      values[code] = "";
      free.push(code);
    },
  };
};

const noList: ReadonlyArray<string> = [];

/** Of lists, by their JSON. */
export const makeLists = (): Dictionary<ReadonlyArray<string>> => {
  const texts = makeTexts();
  const values: Array<ReadonlyArray<string>> = [noList];
  return {
    values,
    codeOf: (list) => texts.codeOf(JSON.stringify(list)),
    take: (list) => {
      const code = texts.take(JSON.stringify(list));
      if ((values[code] ?? noList) === noList) values[code] = list;
      return code;
    },
    takeAscii: (bytes, from, to, hash) => {
      const code = texts.takeAscii(bytes, from, to, hash);
      if ((values[code] ?? noList) === noList) values[code] = JSON.parse(texts.values[code]!);
      return code;
    },
    release: (code) => {
      texts.release(code);
      if (texts.values[code] === "") values[code] = noList;
    },
  };
};
