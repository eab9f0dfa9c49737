/** Followers: what was counted of followers, by slot: a snapshot under one key, and the chunks that came after it. */
import { encodeSnapshot } from "../../../src/domain/FollowerCounts.ts";
import type { FollowersRead, FollowersWrite } from "../../../src/ports/UserStates.ts";
import type { Table } from "../../engines/lmdb/Environment.ts";
import { peek } from "../../engines/lmdb/Store.ts";
import {
  chunkBytes,
  encodeFrame,
  followersAfter,
  followersAnew,
  isBefore,
  type StoredFollowers,
} from "../FollowersCodec.ts";
import { followersKey, journalKey } from "./Keys.ts";
import { decodeOffset, encodeOffset } from "./Offsets.ts";

const nextSize = 8;
const lastNext = 2n ** 64n - 1n;

const journalOf = (generation: number, slot: number) => ({
  start: journalKey(generation, slot, 0n),
  end: journalKey(generation, slot, lastNext),
});

/** The chunk that begins at `next` or last before it. */
const chunkAt = (states: Table, generation: number, slot: number, next: bigint) =>
  Array.from(
    states.getRange({
      start: journalKey(generation, slot, next),
      end: journalKey(generation, slot, 0n),
      reverse: true,
      limit: 1,
    }),
  )[0];

/** Within a write. */
export const writeFollowers = (
  states: Table,
  generation: number,
  slot: number,
  next: bigint,
  write: FollowersWrite,
): void => {
  if (write._tag === "replace") {
    states.put(followersKey(generation, slot), Buffer.concat([encodeOffset(next), encodeSnapshot(write.snapshot)]));
    for (const key of Array.from(states.getKeys(journalOf(generation, slot)))) states.remove(key);
    return;
  }
  const frame = encodeFrame(next, write.events);
  const last = chunkAt(states, generation, slot, lastNext);
  if (last === undefined || last.value.length + frame.length > chunkBytes) {
    states.put(journalKey(generation, slot, next), frame);
  } else {
    states.put(last.key, Buffer.concat([last.value, frame]));
  }
};

/** Undefined for what is no snapshot at all. */
const stored = (
  states: Table,
  generation: number,
  slot: number,
  since: bigint | undefined,
): StoredFollowers | undefined => {
  const found = peek(states, followersKey(generation, slot));
  if (found !== undefined && found.length < nextSize) return undefined;
  const snapshotNext = found === undefined ? undefined : decodeOffset(found);
  const all = isBefore(since, snapshotNext);
  // A copy, before the next look.
  const snapshot = all && found !== undefined ? new Uint8Array(found.subarray(nextSize)) : undefined;
  const range = journalOf(generation, slot);
  const start = all ? undefined : chunkAt(states, generation, slot, since as bigint)?.key;
  const chunks = Array.from(states.getRange({ ...range, start: start ?? range.start }), ({ value }) => value);
  return { snapshotNext, snapshot, chunks };
};

/** Within a read. Undefined where something cannot be decoded. */
export const readFollowers = (
  states: Table,
  generation: number,
  slot: number,
  since: bigint | undefined,
): FollowersRead | undefined => {
  const found = stored(states, generation, slot, since);
  const read = found === undefined ? undefined : followersAfter(since, found);
  if (read !== "anew") return read;
  const all = stored(states, generation, slot, undefined);
  return all === undefined ? undefined : followersAnew(all);
};
