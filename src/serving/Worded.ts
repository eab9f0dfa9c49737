/**
 * Worded: how the items of a model are worded, made once and kept until what is said of the item changes: most answers hold what
 * answers before them held.
 */
import { makeNumberCache } from "../kernels/NumberCache.ts";
import type { ServedMetadata } from "./Metadata.ts";

/** Items that are kept, of some 500 bytes each; whoever was kept longest goes first. */
const mostKept = 16_384;

interface Texts {
  readonly words: string;
  readonly id: string;
}

const textsIn = (words: ServedMetadata): Texts => ({ words: JSON.stringify(words), id: JSON.stringify(words.item_id) });

/** By the words themselves, which are never changed. */
const texts = new WeakMap<ServedMetadata, Texts>();

const textsOf = (words: ServedMetadata): Texts => texts.get(words) ?? textsIn(words);

/** The words as JSON. */
export const wordsText = (words: ServedMetadata): string => textsOf(words).words;

/** The item's id as JSON. */
export const idText = (words: ServedMetadata): string => textsOf(words).id;

export interface Worded {
  /** The same object until `forget`: not to be changed. */
  readonly of: (row: number) => ServedMetadata;
  /** The item of the row is otherwise from now on. */
  readonly forget: (row: number) => void;
}

export const makeWorded = (word: (row: number) => ServedMetadata, most = mostKept): Worded => {
  const kept = makeNumberCache<ServedMetadata>(most);
  return {
    of: (row) => {
      const known = kept.get(row);
      if (known !== undefined) return known;
      const words = word(row);
      texts.set(words, textsIn(words));
      kept.set(row, words);
      return words;
    },
    forget: kept.delete,
  };
};
