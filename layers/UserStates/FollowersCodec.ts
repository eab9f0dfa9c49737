/**
 * FollowersCodec: what was counted of followers as it is stored by slot: a snapshot, and what came after it in chunks.
 *
 * A batch's events are a frame: u64 `next`, u32 length, then their words (`domain/FollowerCounts.ts`). Frames stand one after
 * the other in chunks, which are appended to while they are small: so a slow shop's batches of one event make no thousands
 * of records, and what a batch writes anew is little.
 */
import {
  decodeEvents,
  decodeSnapshot,
  encodeEvents,
  type FollowerEvents,
  type FollowerSnapshot,
} from "../../src/domain/FollowerCounts.ts";
import type { FollowersRead } from "../../src/ports/UserStates.ts";

/** A chunk is appended to up to this length. */
export const chunkBytes = 4096;
const headSize = 12;

export const encodeFrame = (next: bigint, events: FollowerEvents): Buffer => {
  const body = encodeEvents(events);
  const bytes = Buffer.allocUnsafe(headSize + body.length);
  bytes.writeBigUInt64LE(next, 0);
  bytes.writeUInt32LE(body.length, 8);
  bytes.set(body, headSize);
  return bytes;
};

interface Frame {
  readonly next: bigint;
  readonly events: FollowerEvents;
}

/** Adds a chunk's frames to `frames`; false for bytes that are none, or that do not come after those. */
const addFrames = (frames: Array<Frame>, bytes: Uint8Array): boolean => {
  if (bytes.length === 0) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    if (at + headSize > bytes.length) return false;
    const next = view.getBigUint64(at, true);
    const end = at + headSize + view.getUint32(at + 8, true);
    const events = end > bytes.length ? undefined : decodeEvents(bytes.subarray(at + headSize, end));
    const last = frames.at(-1);
    if (events === undefined || (last !== undefined && next <= last.next)) return false;
    frames.push({ next, events });
    at = end;
  }
  return true;
};

/** What is stored, as far as an answer needs it. */
export interface StoredFollowers {
  /** The snapshot's `next`; undefined where there is none. */
  readonly snapshotNext: bigint | undefined;
  /** Where what was asked for begins before it. */
  readonly snapshot: Uint8Array | undefined;
  /** From the one on that holds what comes first after `since`; all of them where there is no such. */
  readonly chunks: ReadonlyArray<Uint8Array>;
}

/** Whether the answer begins with the snapshot. */
export const isBefore = (since: bigint | undefined, snapshotNext: bigint | undefined): boolean =>
  since === undefined || (snapshotNext !== undefined && since < snapshotNext);

const nothingCounted: FollowerSnapshot = {
  sources: new Uint32Array(0),
  totals: new Float64Array(0),
  lengths: new Uint32Array(0),
  followers: new Uint32Array(0),
  counts: new Float64Array(0),
};

/** The answer where nothing is stored. */
export const noFollowers = (since: bigint | undefined): FollowersRead => ({
  next: undefined,
  snapshot: since === undefined ? undefined : nothingCounted,
  events: [],
});

/** The answer; undefined where something cannot be decoded. anew: all there is ends before `since`, as after another load. */
export const followersAfter = (
  since: bigint | undefined,
  { chunks, snapshot: bytes, snapshotNext }: StoredFollowers,
): FollowersRead | "anew" | undefined => {
  const snapshot = bytes === undefined ? undefined : decodeSnapshot(bytes);
  if (bytes !== undefined && snapshot === undefined) return undefined;
  const frames: Array<Frame> = [];
  for (const chunk of chunks) if (!addFrames(frames, chunk)) return undefined;
  const next = frames.at(-1)?.next ?? snapshotNext;
  if (since !== undefined && (next === undefined || next < since)) return "anew";
  const from = isBefore(since, snapshotNext) ? undefined : since;
  const after = from === undefined ? frames : frames.filter((frame) => frame.next > from);
  return { next, snapshot, events: after.map(({ events }) => events) };
};

/** The answer where `followersAfter` said "anew", of all that is stored: it stands in place of what was read before. */
export const followersAnew = (stored: StoredFollowers): FollowersRead | undefined => {
  const read = followersAfter(undefined, stored);
  return read === undefined || read === "anew" ? undefined : { ...read, snapshot: read.snapshot ?? nothingCounted };
};
