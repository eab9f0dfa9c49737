/**
 * IdIndex: from the shop's id to the user's index, as a hash table in pages that a load writes at its end: some hundred users
 * to a page, so that a few thousand records stand for a million ids.
 *
 * A page holds a tag, which is a part of the id's hash, and the index of each of its users; the base of that index tells
 * whether it is the id's.
 */
import { eventKey } from "../../../src/domain/RecentEvents.ts";

/** Two numbers, u32 each: tag and index. */
const entryBytes = 8;
const entriesPerPage = 128;

/** 32 bits of the id's hash, and 32 bits that mix all of it, of which the first choose the page. */
const tagOf = (hash: number): number => Math.floor(hash / 0x200000);
const spreadOf = (hash: number): number => Math.imul(tagOf(hash) ^ ((hash % 0x200000) << 11), 0x9e3779b1) >>> 0;

const pageOf = (spread: number, bits: number): number => (bits === 0 ? 0 : spread >>> (32 - bits));

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const grown = (numbers: Uint32Array): Uint32Array<ArrayBuffer> => {
  const more = new Uint32Array(2 * numbers.length);
  more.set(numbers);
  return more;
};

/** The ids of a load, in eight bytes each. */
export interface IdIndex {
  readonly add: (id: string) => void;
  /** As many bits of the hash as choose the page. */
  readonly bits: () => number;
  /** The pages in order, each in bytes that are used again for the next one; empty ones are left out. */
  readonly pages: (bits: number) => Iterable<readonly [page: number, bytes: Uint8Array]>;
}

/** `first` is the index of the first user that is added; each other's is one more than that of the one before. */
export const makeIdIndex = (first: number): IdIndex => {
  let tags = new Uint32Array(1 << 10);
  let spreads = new Uint32Array(1 << 10);
  let count = 0;

  /** The users in order of their pages. */
  const ordered = (bits: number): { readonly order: Uint32Array; readonly starts: Uint32Array } => {
    const starts = new Uint32Array(2 ** bits + 1);
    for (let i = 0; i < count; i++) starts[pageOf(spreads[i]!, bits) + 1]!++;
    for (let page = 1; page < starts.length; page++) starts[page]! += starts[page - 1]!;
    const next = starts.slice();
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[next[pageOf(spreads[i]!, bits)]!++] = i;
    return { order, starts };
  };

  return {
    add: (id) => {
      if (count === tags.length) {
        tags = grown(tags);
        spreads = grown(spreads);
      }
      const hash = eventKey(id);
      tags[count] = tagOf(hash);
      spreads[count++] = spreadOf(hash);
    },
    bits: () => Math.max(0, Math.ceil(Math.log2(count / entriesPerPage))),
    *pages(bits) {
      const { order, starts } = ordered(bits);
      let bytes = Buffer.allocUnsafe(2 * entriesPerPage * entryBytes);
      for (let page = 0; page < 2 ** bits; page++) {
        const entries = order.subarray(starts[page], starts[page + 1]);
        if (entries.length === 0) continue;
        if (entries.length * entryBytes > bytes.length) bytes = Buffer.allocUnsafe(2 * entries.length * entryBytes);
        entries.forEach((entry, i) => {
          bytes.writeUInt32LE(tags[entry]!, entryBytes * i);
          bytes.writeUInt32LE(first + entry, entryBytes * i + 4);
        });
        yield [page, bytes.subarray(0, entries.length * entryBytes)];
      }
    },
  };
};

/** Whether these are the bits that a load wrote. */
export const isBits = (bytes: Uint8Array): bytes is Uint8Array & readonly [number] =>
  bytes.length === 1 && bytes[0]! <= 32;

/** Of an id that is looked up. */
export interface Sought {
  readonly page: number;
  readonly tag: number;
}

export const sought = (id: string, bits: number): Sought => {
  const hash = eventKey(id);
  return { page: pageOf(spreadOf(hash), bits), tag: tagOf(hash) };
};

/** The indices that the page has under the tag: nearly always one or none; undefined for bytes that are no page. */
export const foundIn = (bytes: Uint8Array, { tag }: Sought): ReadonlyArray<number> | undefined => {
  if (bytes.length === 0 || bytes.length % entryBytes !== 0) return undefined;
  const view = viewOf(bytes);
  const found: Array<number> = [];
  for (let at = 0; at < bytes.length; at += entryBytes) {
    if (view.getUint32(at, true) === tag) found.push(view.getUint32(at + 4, true));
  }
  return found;
};
