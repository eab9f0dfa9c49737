/**
 * Base: the users of a load, written in order of their index, and the index from the shop's id to them (`IdIndex.ts`).
 *
 * All is appended in order of its keys, so each page of the store is written once. Blocks are made in two buffers in turn: one
 * is written while the other is filled.
 */
import { Effect, Fiber, Stream } from "effect";
import type { LoadedUsers } from "../../../src/domain/LoadedUsers.ts";
import { emptyUserState } from "../../../src/domain/UserState.ts";
import { encodeUserState } from "../../../src/domain/UserStateCodec.ts";
import type { StoreService } from "../../engines/lmdb/Store.ts";
import type { StoreError } from "../../engines/lmdb/StoreError.ts";
import { addUser, begin, close, closedBlocks, makeBlocks } from "./Blocks.ts";
import { type IdIndex, makeIdIndex } from "./IdIndex.ts";
import { blockKeys, pageKeys, pagesKey } from "./Keys.ts";

/** Pages of the index per transaction. */
const pagesAtOnce = 2048;

const words = new TextDecoder("utf-8", { ignoreBOM: true });

/** Where the id ends; undefined for bytes that are no base. */
const endOfId = (bytes: Uint8Array): number | undefined => {
  if (bytes.length < 4) return undefined;
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return end <= bytes.length ? end : undefined;
};

/** The encoded state; undefined for bytes that are no base. */
export const stateOfBase = (bytes: Uint8Array): Uint8Array | undefined => {
  const end = endOfId(bytes);
  return end === undefined ? undefined : bytes.subarray(end);
};

export const idOfBase = (bytes: Uint8Array): string | undefined => {
  const end = endOfId(bytes);
  return end === undefined ? undefined : words.decode(bytes.subarray(4, end));
};

/** Whether it is the base of that id; undefined for bytes that are no base. */
export const isBaseOf = (bytes: Uint8Array, id: string): boolean | undefined => {
  const end = endOfId(bytes);
  if (end === undefined) return undefined;
  // As most ids are written, each character is a byte.
  let at = 0;
  if (end - 4 === id.length)
    while (at < id.length && bytes[4 + at]! < 0x80 && bytes[4 + at] === id.charCodeAt(at)) at++;
  return at === id.length || idOfBase(bytes) === id;
};

/** The base of nobody: stands where a user was who is forgotten. No id is empty. */
export const nobody: Uint8Array = Buffer.concat([Buffer.alloc(4), encodeUserState(emptyUserState)]);

/** Writes all users under the generation; answers how many. One transaction is written while the next is made. */
export const writeUsers = <E, R>(
  store: StoreService,
  generation: number,
  users: Stream.Stream<LoadedUsers, E, R>,
): Effect.Effect<number, StoreError | E, R> =>
  Effect.gen(function* () {
    const { states } = store.tables;
    // What is put has been written when `put` returns: keys and pages are made in the same bytes again and again.
    const blockKey = blockKeys(generation);
    const pageKey = pageKeys(generation);
    // A stream runs its steps in a fiber of its own, which would take the write under way with it.
    const scope = yield* Effect.scope;
    let count = 0;
    let ids: IdIndex | undefined;
    let blocks = makeBlocks();
    let spare = makeBlocks();
    let writing: Fiber.Fiber<void, StoreError> = Fiber.void;

    const write = (change: () => void) =>
      Effect.gen(function* () {
        yield* Fiber.join(writing);
        writing = yield* Effect.forkIn(store.write(change), scope);
      });

    /** Writes the closed blocks; the open one goes on in the other buffer, which has been written by then. */
    const writeBlocks = Effect.gen(function* () {
      const full = blocks;
      yield* write(() => {
        for (const [number, bytes] of closedBlocks(full)) states.put(blockKey(number), bytes);
      });
      blocks = spare;
      spare = full;
      begin(blocks, full);
    });

    const writeIndex = (index: IdIndex) =>
      Effect.gen(function* () {
        const bits = index.bits();
        const pages = index.pages(bits)[Symbol.iterator]();
        for (let isDone = false; !isDone; ) {
          yield* write(() => {
            for (let n = 0; n < pagesAtOnce && !isDone; n++) {
              const next = pages.next();
              if (next.done === true) isDone = true;
              else states.put(pageKey(next.value[0]), next.value[1]);
            }
          });
          yield* Fiber.join(writing);
        }
        yield* write(() => states.put(pagesKey(generation), Buffer.of(bits)));
      });

    yield* Stream.runForEach(users, (batch) =>
      Effect.gen(function* () {
        ids ??= makeIdIndex(batch.first);
        for (let row = 0; row < batch.ids.length; row++) {
          while (!addUser(blocks, batch, row)) yield* writeBlocks;
          ids.add(batch.ids[row]!);
        }
        count += batch.ids.length;
      }),
    );
    close(blocks);
    yield* writeBlocks;
    yield* writeIndex(ids ?? makeIdIndex(0));
    yield* Fiber.join(writing);
    return count;
  }).pipe(Effect.scoped);
