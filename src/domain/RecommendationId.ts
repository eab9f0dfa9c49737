/**
 * RecommendationId: the word by which an answer is known again: when it was given, by which model, and of each item its
 * position and where it came from. All of it stands in the word, so that any process can tell, after any restart, which
 * position an event's item had, and nothing is stored.
 *
 * Base64url of: a byte of version, unix seconds (32 bits), a number of the answer's own (32), a check of all else (16), how many items
 * the pages before held (16), the length of the model's id (8) and the id in UTF-8, then 24 bits per item in order: 4 of its source, 20 of its id's hash.
 *
 * The hash goes by the answer's own number, which is chosen so that no two items of an answer share one: each is found in
 * its position. An item that was not in the answer is taken for one that was in 1 of 2²⁰ ÷ k cases: at k = 10 one of 100,000.
 */

/** Where items of answers come from, by the code that a word has of it: new ones go to the end, 16 at most. */
export const sources = ["personalized", "trending", "catalogue", "new", "similar", "followers"] as const;
export type Source = (typeof sources)[number];

/** Of a word, in characters, of whatever model, as long as no answer holds more than 100 items. */
export const longestRecommendationId = 512;

/** Bytes of a model's id that are told; ours have 20. */
const longestModel = 64;
/** Items that a word tells the positions of. */
export const mostPlaces = 100;

const version = 1;
const checkAt = 9;
const beforeAt = 11;
const modelAt = 14;
const placeSize = 3;
const tries = 8;
const printable = /^[^\p{C}\ufffd]*$/u;

const mix = (word: number): number => {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
};

/** FNV-1a over UTF-16 units. */
const hashOf = (itemId: string): number => {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < itemId.length; at++) hash = Math.imul(hash ^ itemId.charCodeAt(at), 0x01000193);
  return hash;
};

/** 20 bits of an id, as the answer's own number has them. */
const markOf = (hash: number, own: number): number => mix(hash ^ own) >>> 12;

/** 16 bits of all bytes but those that hold it. */
const checkOf = (bytes: Uint8Array, length: number): number => {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < length; at++) {
    if (at !== checkAt && at !== checkAt + 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  }
  return mix(hash) >>> 16;
};

/** What an answer holds, in its order. */
export interface Named {
  readonly itemId: string;
  readonly source: Source;
}

/** `seconds`: unix time; `model`: undefined where none answers; `before`: how many items the pages before held. */
export type NameAnswer = (
  seconds: number,
  model: string | undefined,
  items: ReadonlyArray<Named>,
  before?: number,
) => string;

const distinct = (marks: Uint32Array, count: number): boolean => {
  for (let one = 1; one < count; one++) {
    for (let other = 0; other < one; other++) if (marks[one] === marks[other]) return false;
  }
  return true;
};

/**
 * Names answers, each by another word: `seed` is to differ between processes. Of more than `mostPlaces` items the first are
 * told. Items that share an id, as those of which none is known, are all found in the position of the first.
 */
export const makeNameAnswer = (seed: number): NameAnswer => {
  const bytes = Buffer.alloc(modelAt + longestModel + placeSize * mostPlaces);
  const hashes = new Int32Array(mostPlaces);
  const marks = new Uint32Array(mostPlaces);
  let number = seed | 0;
  let lastModel: string | undefined;
  let itemsAt = modelAt;
  bytes[0] = version;

  /** It seldom changes. */
  const writeModel = (model: string | undefined): void => {
    lastModel = model;
    const { written } = new TextEncoder().encodeInto(model ?? "", bytes.subarray(modelAt, modelAt + longestModel));
    bytes[modelAt - 1] = written;
    itemsAt = modelAt + written;
  };

  return (seconds, model, items, before = 0) => {
    const count = Math.min(items.length, mostPlaces);
    if (model !== lastModel) writeModel(model);
    for (let place = 0; place < count; place++) hashes[place] = hashOf((items[place] as Named).itemId);
    let own = 0;
    for (let tried = 0; tried < tries; tried++) {
      number = (number + 0x9e3779b9) | 0;
      own = mix(number);
      for (let place = 0; place < count; place++) marks[place] = markOf(hashes[place] as number, own);
      if (distinct(marks, count)) break;
    }
    bytes.writeUInt32BE(Math.min(Math.max(0, Math.floor(seconds)), 2 ** 32 - 1), 1);
    bytes.writeInt32BE(own, 5);
    bytes.writeUInt16BE(Math.min(before, 2 ** 16 - 1), beforeAt);
    // By bytes: Buffer looks at each number's range first.
    let at = itemsAt;
    for (let place = 0; place < count; place++, at += placeSize) {
      const code = sources.indexOf((items[place] as Named).source);
      const word = (code << 20) | (marks[place] as number);
      bytes[at] = word >>> 16;
      bytes[at + 1] = word >>> 8;
      bytes[at + 2] = word;
    }
    bytes.writeUInt16BE(checkOf(bytes, at), checkAt);
    return bytes.toString("base64url", 0, at);
  };
};

/** What a word says. */
export interface NamedAnswer {
  /** Unix seconds: when the answer was given. */
  readonly seconds: number;
  /** Undefined where no model answered. */
  readonly model: string | undefined;
  /** How many items it held. */
  readonly items: number;
  /** Undefined of an item that the answer did not hold. */
  readonly find: (itemId: string) => Place | undefined;
}

export interface Place {
  /** From 1, counted through all pages of a list. */
  readonly position: number;
  /** Undefined: one that only a later version knows. */
  readonly source: Source | undefined;
}

/** Undefined for anything that `makeNameAnswer` does not write, a word that was cut short among it. */
export const readRecommendationId = (text: string): NamedAnswer | undefined => {
  if (text.length > longestRecommendationId) return undefined;
  const bytes = Buffer.from(text, "base64url");
  const itemsAt = modelAt + (bytes[modelAt - 1] ?? 0);
  const items = (bytes.length - itemsAt) / placeSize;
  if (bytes[0] !== version || !Number.isInteger(items) || items < 0 || items > mostPlaces) return undefined;
  if (bytes.readUInt16BE(checkAt) !== checkOf(bytes, bytes.length)) return undefined;
  // Another spelling of the same bytes is none of ours.
  if (bytes.toString("base64url") !== text) return undefined;
  const own = bytes.readInt32BE(5);
  const before = bytes.readUInt16BE(beforeAt);
  const model = bytes.toString("utf8", modelAt, itemsAt);
  // It is printed: who made it up may have put anything there.
  if (!printable.test(model)) return undefined;
  return {
    seconds: bytes.readUInt32BE(1),
    model: model === "" ? undefined : model,
    items,
    find: (itemId) => {
      const mark = markOf(hashOf(itemId), own);
      for (let place = 0; place < items; place++) {
        const at = itemsAt + placeSize * place;
        const stored = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
        if ((stored & 0xfffff) === mark) return { position: before + place + 1, source: sources[stored >>> 20] };
      }
      return undefined;
    },
  };
};
