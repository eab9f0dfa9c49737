/**
 * Words: which items have certain words in their titles: an inverted index of the words, whose last one may be a beginning.
 *
 * Words are runs of letters and digits; neither case nor accents tell two apart. The index only grows: what a title has no longer is
 * found out by reading the title, so an index that has grown far beyond its titles is made anew (`isStale`).
 */

/** Letters that no decomposition makes plain. */
const plain: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ł: "l", ı: "i" };
const notPlain = /[ßæœøđłı]/g;
const ascii = /^[ -~]*$/;

const folded = (text: string): string =>
  ascii.test(text)
    ? text.toLowerCase()
    : text
        .normalize("NFKD")
        .replace(/\p{M}+/gu, "")
        .toLowerCase()
        .replace(notPlain, (letter) => plain[letter]);

/** In their order. */
export const wordsOf = (text: string): ReadonlyArray<string> => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** Whether the title has all of the query's words, the last of them as a beginning. */
const has = (title: string, query: ReadonlyArray<string>): boolean => {
  const words = wordsOf(title);
  return query.every((word, at) =>
    at === query.length - 1 ? words.some((one) => one.startsWith(word)) : words.includes(word),
  );
};

export interface Words {
  /** The item's title is this from now on; undefined: it has none. */
  readonly put: (itemIdx: number, title: string | undefined) => void;
  /** Which items have all words of the query, the last as a beginning; undefined: the query has no word. */
  readonly matcherOf: (query: string) => ((itemIdx: number) => boolean) | undefined;
  /** Whether most of it is of titles that are no more. */
  readonly isStale: () => boolean;
}

/** More new words than this are sorted in among the others. */
const mostUnsorted = 1_000;

/** Position of the first of `sorted` that is not before `word`. */
const firstFrom = (sorted: ReadonlyArray<string>, word: string): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const makeWords = (): Words => {
  /** Items by word; a superset of those that have it. */
  const items = new Map<string, Array<number>>();
  /** By item. */
  const titles: Array<string> = [];
  let sorted: Array<string> = [];
  let unsorted: Array<string> = [];
  /** How many titles took the place of another. */
  let replaced = 0;

  const beginningWith = (prefix: string): ReadonlyArray<string> => {
    if (unsorted.length > mostUnsorted) {
      sorted = [...sorted, ...unsorted].sort();
      unsorted = [];
    }
    const found = unsorted.filter((word) => word.startsWith(prefix));
    for (let at = firstFrom(sorted, prefix); at < sorted.length && sorted[at].startsWith(prefix); at++) {
      found.push(sorted[at]);
    }
    return found;
  };

  /** A bit per item. */
  const bitsOf = (words: ReadonlyArray<string>): Uint32Array => {
    const bits = new Uint32Array((titles.length >>> 5) + 1);
    for (const word of words) for (const itemIdx of items.get(word) ?? []) bits[itemIdx >>> 5] |= 1 << (itemIdx & 31);
    return bits;
  };

  return {
    put: (itemIdx, title = "") => {
      while (titles.length <= itemIdx) titles.push("");
      const before = titles[itemIdx];
      if (title === before) return;
      titles[itemIdx] = title;
      if (before !== "") replaced++;
      for (const word of new Set(wordsOf(title))) {
        const known = items.get(word);
        if (known === undefined) {
          items.set(word, [itemIdx]);
          unsorted.push(word);
        } else known.push(itemIdx);
      }
    },
    matcherOf: (query) => {
      const wanted = wordsOf(query);
      if (wanted.length === 0) return undefined;
      const sets = wanted.map((word, at) => bitsOf(at === wanted.length - 1 ? beginningWith(word) : [word]));
      const bits = sets.reduce((all, more) => all.map((word, at) => word & more[at]));
      return (itemIdx) => {
        if (((bits[itemIdx >>> 5] ?? 0) & (1 << (itemIdx & 31))) === 0) return false;
        return has(titles[itemIdx], wanted);
      };
    },
    isStale: () => replaced > titles.length + 1_000,
  };
};
