/**
 * FollowerCounts: what the stream has counted of who follows whom, as it is stored: a snapshot of the counts, and what was
 * counted since, event by event. All counts are integers in millionths (`Followers.ts`). See `learning/LiveFollowers.ts`.
 *
 * Both are stored little-endian, as every host that runs the kernels. Of a snapshot: u32 version, u32 sources, u32 pairs, u32
 * zero; f64 total per source, f64 count per pair; u32 item and u32 number of followers per source, u32 item per follower. That
 * is 12 bytes per pair and 16 per source. Events are their words, 4 bytes each: at most 88 bytes per event.
 * Decoding answers undefined for bytes that are no such thing.
 */
import { followerWindow } from "./Followers.ts";

/** Grouped by source: the item that is followed. In the order in which they were first counted. */
export interface FollowerSnapshot {
  /** Item index per source. */
  readonly sources: Uint32Array;
  /** Per source, of all its followers, also of those that were dropped since. */
  readonly totals: Float64Array;
  /** How many followers each source has: at least one. */
  readonly lengths: Uint32Array;
  /** Item indices, source by source. */
  readonly followers: Uint32Array;
  /** Per follower. */
  readonly counts: Float64Array;
}

/**
 * Events in their order, each in words: the item's index, how many interactions it followed (1 to `followerWindow`), and
 * their items' indices, newest first.
 */
export type FollowerEvents = Uint32Array;

const version = 1;
const headWords = 4;

export const snapshotBytes = ({ followers, sources }: FollowerSnapshot): number =>
  4 * headWords + 16 * sources.length + 12 * followers.length;

const bytesOf = ({ buffer, byteLength, byteOffset }: Uint32Array | Float64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export const encodeSnapshot = (snapshot: FollowerSnapshot): Uint8Array => {
  const { counts, followers, lengths, sources, totals } = snapshot;
  const bytes = new Uint8Array(snapshotBytes(snapshot));
  const head = Uint32Array.of(version, sources.length, followers.length, 0);
  let at = 0;
  for (const part of [head, totals, counts, sources, lengths, followers]) {
    bytes.set(bytesOf(part), at);
    at += part.byteLength;
  }
  return bytes;
};

/** Integers that a double holds exactly, above zero. */
const areCounts = (values: Float64Array): boolean => {
  for (const value of values) if (!(Number.isSafeInteger(value) && value > 0)) return false;
  return true;
};

export const decodeSnapshot = (bytes: Uint8Array): FollowerSnapshot | undefined => {
  if (bytes.length < 4 * headWords) return undefined;
  // A copy stands where numbers may stand.
  const { buffer } = new Uint8Array(bytes);
  const [found, sourceCount, pairCount, zero] = new Uint32Array(buffer, 0, headWords) as unknown as [
    number,
    number,
    number,
    number,
  ];
  const doubles = sourceCount + pairCount;
  const wordsAt = 4 * headWords + 8 * doubles;
  if (found !== version || zero !== 0 || bytes.length !== wordsAt + 4 * (doubles + sourceCount)) return undefined;
  const snapshot: FollowerSnapshot = {
    totals: new Float64Array(buffer, 4 * headWords, sourceCount),
    counts: new Float64Array(buffer, 4 * headWords + 8 * sourceCount, pairCount),
    sources: new Uint32Array(buffer, wordsAt, sourceCount),
    lengths: new Uint32Array(buffer, wordsAt + 4 * sourceCount, sourceCount),
    followers: new Uint32Array(buffer, wordsAt + 8 * sourceCount, pairCount),
  };
  return isWhole(snapshot) ? snapshot : undefined;
};

/** Every source once, with followers whose counts are together no more than its total. */
const isWhole = ({ counts, followers, lengths, sources, totals }: FollowerSnapshot): boolean => {
  if (!areCounts(totals) || !areCounts(counts) || new Set(sources).size !== sources.length) return false;
  let at = 0;
  for (let s = 0; s < sources.length; s++) {
    const end = at + lengths[s]!;
    if (end === at || end > followers.length) return false;
    let sum = 0;
    for (; at < end; at++) sum += counts[at]!;
    if (sum > totals[s]!) return false;
  }
  return at === followers.length;
};

export const encodeEvents = (events: FollowerEvents): Uint8Array => bytesOf(events).slice();

export const decodeEvents = (bytes: Uint8Array): FollowerEvents | undefined => {
  if (bytes.length % 4 !== 0) return undefined;
  const events = new Uint32Array(new Uint8Array(bytes).buffer);
  let at = 0;
  while (at < events.length) {
    const length = events[at + 1] ?? 0;
    if (length < 1 || length > followerWindow) return undefined;
    at += 2 + length;
  }
  return at === events.length ? events : undefined;
};
