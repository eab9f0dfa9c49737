/**
 * Worded: how the items of a model are worded, made once and kept until what is said of the item changes: most answers hold what
 * answers before them held.
 */
import type { ServedMetadata } from "./Metadata.ts";

/** Items that are kept, of some 500 bytes each; whoever was kept longest goes first. */
const mostKept = 16_384;

/** By the words themselves, which are never changed. */
const texts = new WeakMap<object, string>();

/** The words as JSON. */
export const wordsText = (words: object): string => texts.get(words) ?? JSON.stringify(words);

export interface Worded {
  /** The same object until `forget`: not to be changed. */
  readonly of: (row: number) => ServedMetadata;
  /** The item of the row is otherwise from now on. */
  readonly forget: (row: number) => void;
}

export const makeWorded = (word: (row: number) => ServedMetadata, most = mostKept): Worded => {
  const kept = new Map<number, ServedMetadata>();
  return {
    of: (row) => {
      const known = kept.get(row);
      if (known !== undefined) return known;
      const words = word(row);
      texts.set(words, JSON.stringify(words));
      kept.set(row, words);
      if (kept.size > most)
        for (const [first] of kept) {
          kept.delete(first);
          break;
        }
      return words;
    },
    forget: (row) => void kept.delete(row),
  };
};
