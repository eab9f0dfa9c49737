/** LoadedUsersCodec: what is stored of a user of `LoadedUsers`, the same bytes as `UserStateCodec.ts` makes of a state. */
import { mostItemBytes, writeItems } from "./ItemSet.ts";
import type { History, ItemLists, LoadedUsers, Recent, Shown } from "./LoadedUsers.ts";
import { recentSize } from "./RecentEvents.ts";
import { hidingVersion, interactionSize, shownVersion, stateVersion, writeInteraction } from "./UserStateCodec.ts";

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
const shownBytes = (shown: Shown, row: number): number => 4 * countOf(shown, row);
const listBytes = (list: ItemLists, row: number): number => mostItemBytes * countOf(list, row);

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

const writeList = ({ bytes }: Target, at: number, { items, pointers }: ItemLists, row: number): number =>
  writeItems(bytes, at, items, pointers[row], pointers[row + 1]);

const writeShown = ({ view }: Target, at: number, { pointers, words }: Shown, row: number): number => {
  let next = at;
  for (let i = pointers[row]; i < pointers[row + 1]; i++, next += 4) view.setUint32(next, words[i], true);
  return next;
};

const writeVector = ({ bytes, view }: Target, at: number, vector: Float32Array | undefined): number => {
  if (vector === undefined) return at;
  bytes[at] = 1;
  for (let i = 0; i < vector.length; i++) view.setFloat32(at + 1 + 4 * i, vector[i], true);
  return at + 1 + 4 * vector.length;
};

/** No state of the user takes more bytes. */
export const mostStateBytes = ({ past, vectors }: LoadedUsers, row: number): number =>
  30 +
  (vectors[row]?.byteLength ?? 0) +
  historyBytes(past.history, row) +
  recentBytes(past.recent, row) +
  listBytes(past.bought, row) +
  listBytes(past.hidden, row) +
  shownBytes(past.shown, row);

/** Writes the user's encoded state, to which no event was applied yet. */
export const writeState = (target: Target, at: number, { past, vectors }: LoadedUsers, row: number): number => {
  const { bytes, view } = target;
  const { history, recent, bought, hidden, shown } = past;
  const shows = countOf(shown, row) > 0;
  const hides = shows || countOf(hidden, row) > 0;
  bytes[at] = shows ? shownVersion : hides ? hidingVersion : stateVersion;
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
  const hiddenAt = closed(boughtAt, writeList(target, boughtAt, bought, row));
  const shownAt = hides ? closed(hiddenAt, writeList(target, hiddenAt, hidden, row)) : hiddenAt;
  return (shows ? closed(shownAt, writeShown(target, shownAt, shown, row)) : shownAt) - 4;
};

/** The parts of the user's state, each in bytes of its own. */
export const encodeParts = ({ past }: LoadedUsers, row: number) => {
  const { history, recent, bought, hidden, shown } = past;
  const part = (most: number, write: (target: Target) => number): Uint8Array => {
    const target = targetOf(most);
    return target.bytes.subarray(0, write(target));
  };
  return {
    interactions: part(historyBytes(history, row), (target) => writeHistory(target, 0, history, row)),
    recent: part(recentBytes(recent, row), (target) => writeRecent(target, 0, recent, row)),
    bought: part(listBytes(bought, row), (target) => writeList(target, 0, bought, row)),
    hidden: part(listBytes(hidden, row), (target) => writeList(target, 0, hidden, row)),
    shown: part(shownBytes(shown, row), (target) => writeShown(target, 0, shown, row)),
  };
};
