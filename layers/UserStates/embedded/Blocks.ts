/**
 * Blocks: the records of neighbouring users, some to a block, made one behind the other in memory and written by the thousand.
 *
 * A block begins with the end of each of its users' records, counted from behind these numbers; a user of whom there is none
 * ends where the one before does.
 */
import type { LoadedUsers } from "../../../src/domain/LoadedUsers.ts";
import { mostStateBytes, type Target, targetOf, writeState } from "../../../src/domain/LoadedUsersCodec.ts";

/** Users per block: enough that the store takes few records, few enough that one user is read in microseconds. */
const blockBits = 5;
const blockUsers = 1 << blockBits;
const headBytes = 4 * blockUsers;

/** Bytes of the blocks that are written at once, unless one is larger. */
const bufferBytes = 16 * 1024 * 1024;

export const blockOf = (userIdx: number): number => userIdx >>> blockBits;

export interface Block {
  readonly number: number;
  readonly end: number;
}

export interface Blocks {
  target: Target;
  /** Those that are complete. */
  closed: Array<Block>;
  /** The number of the last one, which more may be added to; -1: there is none. */
  open: number;
  /** Where the open block begins, and where it ends so far. */
  start: number;
  end: number;
}

export const makeBlocks = (): Blocks => ({ target: targetOf(bufferBytes), closed: [], open: -1, start: 0, end: 0 });

/** Nothing is added to the open block any more. */
export const close = (blocks: Blocks): void => {
  if (blocks.open >= 0) blocks.closed.push({ number: blocks.open, end: blocks.end });
  blocks.open = -1;
  blocks.start = blocks.end;
};

/** Takes over the open block of `from`, and has no other. */
export const begin = (blocks: Blocks, from: Blocks): void => {
  const size = from.end - from.start;
  if (size > blocks.target.bytes.length) blocks.target = targetOf(2 * size);
  blocks.target.bytes.set(from.target.bytes.subarray(from.start, from.end));
  Object.assign(blocks, { closed: [], open: from.open, start: 0, end: size });
};

const makeRoom = (blocks: Blocks, bytes: number): void => {
  const larger = targetOf(2 * (blocks.end + bytes));
  larger.bytes.set(blocks.target.bytes.subarray(0, blocks.end));
  blocks.target = larger;
};

/** Adds the record of the user in `row`: u32 length of the id, the id, the encoded state. False: others must be written first. */
export const addUser = (blocks: Blocks, users: LoadedUsers, row: number): boolean => {
  const userIdx = users.first + row;
  const id = users.ids[row]!;
  const most = headBytes + 4 + 3 * id.length + mostStateBytes(users, row);
  if (blockOf(userIdx) !== blocks.open) close(blocks);
  if (blocks.end + most > blocks.target.bytes.length) {
    if (blocks.closed.length > 0) return false;
    makeRoom(blocks, most);
  }
  const { bytes, view } = blocks.target;
  if (blocks.open < 0) {
    blocks.open = blockOf(userIdx);
    bytes.fill(0, blocks.start, blocks.start + headBytes);
    blocks.end = blocks.start + headBytes;
  }
  const at = blocks.end;
  const idBytes = bytes.write(id, at + 4);
  view.setUint32(at, idBytes, true);
  blocks.end = writeState(blocks.target, at + 4 + idBytes, users, row);
  const end = blocks.end - blocks.start - headBytes;
  for (let slot = userIdx % blockUsers; slot < blockUsers; slot++) view.setUint32(blocks.start + 4 * slot, end, true);
  return true;
};

/** The bytes of each closed block. */
export function* closedBlocks({ closed, target }: Blocks): Iterable<readonly [number: number, bytes: Uint8Array]> {
  let start = 0;
  for (const { number, end } of closed) {
    yield [number, target.bytes.subarray(start, end)];
    start = end;
  }
}

/** The user's record in the block of `blockOf`; undefined where there is none, no bytes where the block is none. */
export const recordIn = (block: Uint8Array, userIdx: number): Uint8Array | undefined => {
  if (block.length < headBytes) return new Uint8Array();
  const view = new DataView(block.buffer, block.byteOffset, headBytes);
  const slot = userIdx % blockUsers;
  const start = slot === 0 ? 0 : view.getUint32(4 * slot - 4, true);
  const end = view.getUint32(4 * slot, true);
  if (end > block.length - headBytes || end < start) return new Uint8Array();
  return start === end ? undefined : block.subarray(headBytes + start, headBytes + end);
};

/** The block with another record in the place of the user's, who is in it. */
export const replacedIn = (block: Uint8Array, userIdx: number, record: Uint8Array): Buffer => {
  const view = new DataView(block.buffer, block.byteOffset, headBytes);
  const slot = userIdx % blockUsers;
  const start = slot === 0 ? 0 : view.getUint32(4 * slot - 4, true);
  const end = view.getUint32(4 * slot, true);
  const replaced = Buffer.concat([block.subarray(0, headBytes + start), record, block.subarray(headBytes + end)]);
  const moved = record.length - (end - start);
  for (let at = slot; at < blockUsers; at++) replaced.writeUInt32LE(view.getUint32(4 * at, true) + moved, 4 * at);
  return replaced;
};
