/** LoadedUsersCodec: what is stored of a user of `LoadedUsers`, the same bytes as `UserStateCodec.ts` makes of a state. */
import { mostItemBytes, writeItems } from "./ItemSet.ts";
import type { Bought, History, LoadedUsers, Recent } from "./LoadedUsers.ts";
import { recentSize } from "./RecentEvents.ts";
import { interactionSize, stateVersion, writeInteraction } from "./UserStateCodec.ts";

/** Bytes to write into, and the same as numbers. */
export interface Target {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export const targetOf = (size: number): Target => {
  const bytes = Buffer.allocUnsafe(size);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
};

const countOf = ({ pointers }: { readonly pointers: Uint32Array }, row: number): number =>
  pointers[row + 1] - pointers[row];

const historyBytes = (history: History, row: number): number => interactionSize * countOf(history, row);
const recentBytes = (recent: Recent, row: number): number => 8 * recentSize * countOf(recent, row);
const boughtBytes = (bought: Bought, row: number): number => mostItemBytes * countOf(bought, row);

// Each writes from `at` on, and answers where it ended.

const writeHistory = (
  { view }: Target,
  at: number,
  { items, pointers, times, types }: History,
  row: number,
): number => {
  let next = at;
  for (let i = pointers[row]; i < pointers[row + 1]; i++) {
    next = writeInteraction(view, next, items[i], types[i], times[i]);
  }
  return next;
};

const writeRecent = ({ view }: Target, at: number, { packed, pointers }: Recent, row: number): number => {
  let next = at;
  for (let i = recentSize * pointers[row]; i < recentSize * pointers[row + 1]; i++, next += 8) {
    view.setFloat64(next, packed[i], true);
  }
  return next;
};

const writeBought = ({ bytes }: Target, at: number, { items, pointers }: Bought, row: number): number =>
  writeItems(bytes, at, items, pointers[row], pointers[row + 1]);

const writeVector = ({ bytes, view }: Target, at: number, vector: Float32Array | undefined): number => {
  if (vector === undefined) return at;
  bytes[at] = 1;
  for (let i = 0; i < vector.length; i++) view.setFloat32(at + 1 + 4 * i, vector[i], true);
  return at + 1 + 4 * vector.length;
};

/** No state of the user takes more bytes. */
export const mostStateBytes = ({ past, vectors }: LoadedUsers, row: number): number =>
  22 +
  (vectors[row]?.byteLength ?? 0) +
  historyBytes(past.history, row) +
  recentBytes(past.recent, row) +
  boughtBytes(past.bought, row);

/** Writes the user's encoded state, to which no event was applied yet. */
export const writeState = (target: Target, at: number, { past, vectors }: LoadedUsers, row: number): number => {
  const { bytes, view } = target;
  const { history, recent, bought } = past;
  bytes[at] = stateVersion;
  view.setUint32(at + 1, 0, true);
  /** Writes the length of the section that began at `from`; answers where the next one begins. */
  const closed = (from: number, end: number): number => {
    view.setUint32(from - 4, end - from, true);
    return end + 4;
  };
  const vectorAt = at + 9;
  const historyAt = closed(vectorAt, writeVector(target, vectorAt, vectors[row]));
  const recentAt = closed(historyAt, writeHistory(target, historyAt, history, row));
  const boughtAt = closed(recentAt, writeRecent(target, recentAt, recent, row));
  return closed(boughtAt, writeBought(target, boughtAt, bought, row)) - 4;
};

/** The parts of the user's state, each in bytes of its own. */
export const encodeParts = ({ past }: LoadedUsers, row: number) => {
  const { history, recent, bought } = past;
  const part = (most: number, write: (target: Target) => number): Uint8Array => {
    const target = targetOf(most);
    return target.bytes.subarray(0, write(target));
  };
  return {
    interactions: part(historyBytes(history, row), (target) => writeHistory(target, 0, history, row)),
    recent: part(recentBytes(recent, row), (target) => writeRecent(target, 0, recent, row)),
    bought: part(boughtBytes(bought, row), (target) => writeBought(target, 0, bought, row)),
  };
};
