/**
 * UserStateCodec: a user's state as bytes and back, whole or in parts (a store with fields keeps the parts apart).
 *
 * Layout, little-endian as every host that runs the kernels: version u8; then sections, each its length in bytes (u32) and its
 * body: next, vector, interactions, recent, bought, from version 3 on hidden, and in version 4 shown. `next` stands first, so that a guard reads no further.
 *   next:         per partition u32 partition, u64 offset
 *   vector:       u8 1, then f32 per factor; empty while the user is cold
 *   interactions: per interaction u32 item index, i8 type, f64 time
 *   recent:       per event four f64: see `RecentEvents.ts`
 *   bought, hidden: see `ItemSet.ts`; shown: see `ShownItems.ts`
 * Version 1 had marks in place of `recent`, and no `bought`: of purchases it knew those among the interactions. A state to which
 * nothing was shown is written as version 3, and one that hides nothing either as version 2.
 * Decoding answers undefined for bytes that are no such thing.
 */
import { decodeItemSet, encodeItemSet, noItems } from "./ItemSet.ts";
import { type RecentEvents, recentSize } from "./RecentEvents.ts";
import { decodeShown, encodeShown, nothingShown } from "./ShownItems.ts";
import { type Interaction, purchasesOf, type UserState } from "./UserState.ts";
import { recentOfMarks } from "./UserStateVersion1.ts";

/** Of a state that hides nothing, of one that does, and of one to which something was shown. */
export const stateVersion = 2;
export const hidingVersion = 3;
export const shownVersion = 4;
const nextSize = 12;
export const interactionSize = 13;
const recentBytes = 8 * recentSize;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const writeNext = (view: DataView, start: number, next: ReadonlyMap<number, bigint>): void => {
  let at = start;
  for (const [partition, offset] of next) {
    view.setUint32(at, partition, true);
    view.setBigUint64(at + 4, offset, true);
    at += nextSize;
  }
};

const bytesOf = (values: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Answers where it ended. */
export const writeInteraction = (view: DataView, at: number, itemIdx: number, type: number, time: number): number => {
  view.setUint32(at, itemIdx, true);
  view.setInt8(at + 4, type);
  view.setFloat64(at + 5, time, true);
  return at + interactionSize;
};

const writeInteractions = (view: DataView, start: number, interactions: ReadonlyArray<Interaction>): void => {
  let at = start;
  for (const { itemIdx, type, time } of interactions) at = writeInteraction(view, at, itemIdx, type, time);
};

export const encodeNext = (next: ReadonlyMap<number, bigint>): Uint8Array => {
  const bytes = Buffer.allocUnsafe(next.size * nextSize);
  writeNext(viewOf(bytes), 0, next);
  return bytes;
};

export const decodeNext = (bytes: Uint8Array): Map<number, bigint> | undefined => {
  if (bytes.length % nextSize !== 0) return undefined;
  const view = viewOf(bytes);
  const next = new Map<number, bigint>();
  for (let at = 0; at < bytes.length; at += nextSize)
    next.set(view.getUint32(at, true), view.getBigUint64(at + 4, true));
  return next;
};

/** 4 · rank bytes. */
export const encodeVector = (vector: Float32Array): Uint8Array => bytesOf(vector).slice();

export const decodeVector = (bytes: Uint8Array): Float32Array | undefined => {
  if (bytes.length % 4 !== 0) return undefined;
  const vector = new Float32Array(bytes.length / 4);
  bytesOf(vector).set(bytes);
  return vector;
};

export const encodeInteractions = (interactions: ReadonlyArray<Interaction>): Uint8Array => {
  const bytes = Buffer.allocUnsafe(interactions.length * interactionSize);
  writeInteractions(viewOf(bytes), 0, interactions);
  return bytes;
};

export const decodeInteractions = (bytes: Uint8Array): Array<Interaction> | undefined => {
  if (bytes.length % interactionSize !== 0) return undefined;
  const view = viewOf(bytes);
  // At its length from the start: many users' are read at once.
  const interactions = new Array<Interaction>(bytes.length / interactionSize);
  for (let i = 0, at = 0; i < interactions.length; i++, at += interactionSize) {
    interactions[i] = {
      itemIdx: view.getUint32(at, true),
      type: view.getInt8(at + 4),
      time: view.getFloat64(at + 5, true),
    };
  }
  return interactions;
};

/** 32 bytes per event. */
export const encodeRecent = (recent: RecentEvents): Uint8Array => bytesOf(recent).slice();

export const decodeRecent = (bytes: Uint8Array): RecentEvents | undefined => {
  if (bytes.length % recentBytes !== 0) return undefined;
  const recent = new Float64Array(bytes.length / 8);
  bytesOf(recent).set(bytes);
  return recent;
};

/** How many there are; 0 of no version that there is. */
const sectionsOf = (version: number): number => [0, 4, 5, 6, 7][version] ?? 0;

const nothing = new Uint8Array(0);

const split = (bytes: Uint8Array): Array<Uint8Array> | undefined => {
  const count = sectionsOf(bytes[0]);
  if (count === 0) return undefined;
  const view = viewOf(bytes);
  const sections: Array<Uint8Array> = [];
  let at = 1;
  for (let i = 0; i < count; i++) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length) return undefined;
    sections.push(end === at + 4 ? nothing : bytes.subarray(at + 4, end));
    at = end;
  }
  return at === bytes.length ? sections : undefined;
};

export const encodeUserState = (state: UserState): Uint8Array => {
  const nextLength = state.next.size * nextSize;
  const vectorLength = state.vector === undefined ? 0 : 1 + state.vector.byteLength;
  const interactionsLength = state.interactions.length * interactionSize;
  const bought = encodeItemSet(state.bought);
  const hidden = encodeItemSet(state.hidden);
  const shown = encodeShown(state.shown);
  const version = shown.length > 0 ? shownVersion : hidden.length > 0 ? hidingVersion : stateVersion;
  const sets = bought.length + hidden.length + shown.length;
  const bytes = Buffer.allocUnsafe(
    1 + 4 * sectionsOf(version) + nextLength + vectorLength + interactionsLength + state.recent.byteLength + sets,
  );
  const view = viewOf(bytes);
  bytes[0] = version;
  let at = 1;
  /** Writes a section's length; answers where its body begins. */
  const section = (length: number): number => {
    view.setUint32(at, length, true);
    at += 4 + length;
    return at - length;
  };
  writeNext(view, section(nextLength), state.next);
  const vectorAt = section(vectorLength);
  if (state.vector !== undefined) {
    bytes[vectorAt] = 1;
    bytes.set(bytesOf(state.vector), vectorAt + 1);
  }
  writeInteractions(view, section(interactionsLength), state.interactions);
  bytes.set(bytesOf(state.recent), section(state.recent.byteLength));
  bytes.set(bought, section(bought.length));
  if (version >= hidingVersion) bytes.set(hidden, section(hidden.length));
  if (version >= shownVersion) bytes.set(shown, section(shown.length));
  return bytes;
};

export const decodeUserState = (bytes: Uint8Array): UserState | undefined => {
  const sections = split(bytes);
  if (sections === undefined) return undefined;
  const [nextBytes, vectorBytes, interactionBytes, recentBytes, boughtBytes, hiddenBytes, shownBytes] = sections as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array | undefined,
    Uint8Array | undefined,
    Uint8Array | undefined,
  ];
  const cold = vectorBytes.length === 0;
  const next = decodeNext(nextBytes);
  const vector = cold ? undefined : decodeVector(vectorBytes.subarray(1));
  const interactions = decodeInteractions(interactionBytes);
  const recent = boughtBytes === undefined ? recentOfMarks(recentBytes) : decodeRecent(recentBytes);
  if (next === undefined || interactions === undefined || recent === undefined) return undefined;
  if (!cold && vector === undefined) return undefined;
  const bought = boughtBytes === undefined ? purchasesOf(interactions) : decodeItemSet(boughtBytes);
  const hidden = hiddenBytes === undefined || hiddenBytes.length === 0 ? noItems : decodeItemSet(hiddenBytes);
  const shown = shownBytes === undefined || shownBytes.length === 0 ? nothingShown : decodeShown(shownBytes);
  if (bought === undefined || hidden === undefined || shown === undefined) return undefined;
  return { vector, interactions, bought, hidden, shown, recent, next };
};

/** The encoded state's `next` of one partition, without decoding the rest. */
export const encodedNextOf = (bytes: Uint8Array, partition: number): bigint | undefined => {
  const view = viewOf(bytes);
  const end = 5 + view.getUint32(1, true);
  for (let at = 5; at < end; at += nextSize) {
    if (view.getUint32(at, true) === partition) return view.getBigUint64(at + 4, true);
  }
  return undefined;
};
