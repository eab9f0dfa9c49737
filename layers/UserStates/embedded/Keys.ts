/**
 * Keys: how the table `states` is laid out.
 *
 * A model's records live under a generation, a number that is never used twice: `model` names the one that is read,
 * `loading` the one that a load is filling, `garbage` one that is to be swept; `removed` stands for a while where a model was. Under
 * a generation:
 *   block   neighbouring users, by index: shop's user id and state, as loaded; written in order; changed only where a
 *           user of them is forgotten (`Blocks.ts`, `Forget.ts`)
 *   pages   how the shop's user ids are divided among pages, and each page: tag and user index of its ids (`IdIndex.ts`)
 *   base, index   a block's and the pages' like in format 2: user index → id and state, id → user index
 *   user    shop's user id → state, once an event has changed it; hides the base
 *   position, trend   per slot (`domain/AppliedLogs.ts`)
 *   followers, journal   per slot: what was counted of followers, and the chunks of what came after it, each by the `next` of
 *           its first batch (`Followers.ts`); earlier versions neither read nor write them, and remove them with the model
 *   trends of items   what the batch's events weigh, by part (`ItemTrends.ts`); earlier versions do with these as with followers
 *   logs    the logs whose events were applied
 *   floor   per slot, once a user was forgotten (`Sweep.ts`)
 */
import { createHash } from "node:crypto";

/** Longer user ids are keyed by their digest; LMDB's keys end at 1978 bytes. */
const longestId = 512;

const header = 5;

const tagged = (tag: string, name: string): Buffer => Buffer.from(`${tag}\u0000${name}`);

export const modelKey = (model: string): Buffer => tagged("model", model);
export const loadingKey = (model: string): Buffer => tagged("loading", model);
export const removedKey = (model: string): Buffer => tagged("removed", model);
export const removedRange = { start: removedKey(""), end: Buffer.from("removed\u0001") };
export const counterKey: Buffer = tagged("counter", "");

export const garbageKey = (generation: number): Buffer => {
  const key = Buffer.alloc(12);
  key.write("garbage");
  key.writeUInt32BE(generation, 8);
  return key;
};
export const garbageRange = { start: garbageKey(0), end: garbageKey(0xffffffff) };
export const generationOfGarbage = (key: Uint8Array): number => Buffer.from(key).readUInt32BE(8);

/** Generations begin with a zero byte, names with a letter: the ranges do not meet. */
const scoped = (generation: number, kind: number, size: number): Buffer => {
  const key = Buffer.allocUnsafe(header + 1 + size);
  key[0] = 0;
  key.writeUInt32BE(generation, 1);
  key[header] = kind;
  return key;
};

const numbered = (generation: number, kind: number, number: number): Buffer => {
  const key = scoped(generation, kind, 4);
  key.writeUInt32BE(number, header + 1);
  return key;
};

const digested = (generation: number, kind: number, id: string): Buffer => {
  const digest = createHash("sha256").update(id).digest();
  const key = scoped(generation, kind | 0x80, digest.length);
  key.set(digest, header + 1);
  return key;
};

const named = (generation: number, kind: number, id: string): Buffer => {
  const key = scoped(generation, kind, 3 * id.length);
  const length = key.write(id, header + 1);
  if (length <= longestId) return key.subarray(0, header + 1 + length);
  return digested(generation, kind, id);
};

export const baseKey = (generation: number, userIdx: number): Buffer => numbered(generation, 1, userIdx);
/** Keys of a kind, each valid until the next one is asked for. */
const inTurn =
  (kind: number) =>
  (generation: number): ((number: number) => Uint8Array) => {
    const key = numbered(generation, kind, 0);
    return (number) => {
      key.writeUInt32BE(number, header + 1);
      return key;
    };
  };
export const blockKey = (generation: number, block: number): Buffer => numbered(generation, 10, block);
export const blockKeys = inTurn(10);
export const pageKey = (generation: number, page: number): Buffer => numbered(generation, 8, page);
export const pageKeys = inTurn(8);
/** How many bits of the hash choose the page. */
export const pagesKey = (generation: number): Buffer => scoped(generation, 9, 0);
export const positionKey = (generation: number, slot: number): Buffer => numbered(generation, 2, slot);
export const followersKey = (generation: number, slot: number): Buffer => numbered(generation, 11, slot);
export const journalKey = (generation: number, slot: number, next: bigint): Buffer => {
  const key = scoped(generation, 12, 12);
  key.writeUInt32BE(slot, header + 1);
  key.writeBigUInt64BE(next, header + 5);
  return key;
};
export const trendKeyOf = (generation: number, slot: number): Buffer => numbered(generation, 3, slot);
export const itemTrendsKey = (generation: number, part: number): Buffer => numbered(generation, 13, part);
export const itemTrendsRange = (generation: number): { readonly start: Buffer; readonly end: Buffer } => ({
  start: scoped(generation, 13, 0),
  end: scoped(generation, 14, 0),
});
export const trendRange = (generation: number): { readonly start: Buffer; readonly end: Buffer } => ({
  start: scoped(generation, 3, 0),
  end: scoped(generation, 4, 0),
});
/** The users whom events have changed: those keyed by their ids, and those by digests. */
export const userRanges = (generation: number): ReadonlyArray<{ readonly start: Buffer; readonly end: Buffer }> =>
  [5, 5 | 0x80].map((kind) => ({ start: scoped(generation, kind, 0), end: scoped(generation, kind + 1, 0) }));
export const floorKey = (generation: number, slot: number): Buffer => numbered(generation, 7, slot);
/** Of all models. */
export const modelRange = { start: modelKey(""), end: Buffer.from("model\u0001") };
export const logsKey = (generation: number): Buffer => scoped(generation, 6, 0);
export const indexKey = (generation: number, userId: string): Buffer => named(generation, 4, userId);
export const userKey = (generation: number, userId: string): Buffer => named(generation, 5, userId);

/** All of a generation. */
export const generationRange = (generation: number): { readonly start: Buffer; readonly end: Buffer } => ({
  start: scoped(generation, 0, 0),
  end: scoped(generation, 255, 0),
});
