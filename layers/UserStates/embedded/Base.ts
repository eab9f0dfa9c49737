/**
 * Base: the users of a load, written in order of their index, and the index from the shop's id to them (`IdIndex.ts`).
 *
 * All is appended in order of its keys, so each page of the store is written once. Records are made in two buffers in turn:
 * one is written while the other is filled.
 */
import { Effect, Fiber, Stream } from "effect";
import type { LoadedUsers } from "../../../src/domain/LoadedUsers.ts";
import { mostStateBytes, type Target, targetOf, writeState } from "../../../src/domain/LoadedUsersCodec.ts";
import type { StoreService } from "../../engines/lmdb/Store.ts";
import type { StoreError } from "../../engines/lmdb/StoreError.ts";
import { type IdIndex, makeIdIndex } from "./IdIndex.ts";
import { baseKeys, pageKeys, pagesKey } from "./Keys.ts";

/** Records per transaction: enough for throughput, few enough for the event loop. */
const slice = 16_384;

/** Bytes of a transaction's records, unless one record is larger. */
const sliceBytes = 16 * 1024 * 1024;

/** Pages of the index per transaction. */
const pagesAtOnce = 2048;

const words = new TextDecoder("utf-8", { ignoreBOM: true });

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where the id ends; undefined for bytes that are no base. */
const endOfId = (bytes: Uint8Array): number | undefined => {
  if (bytes.length < 4) return undefined;
  const end = 4 + viewOf(bytes).getUint32(0, true);
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

/** The user's index, as format 2 kept it under the id; undefined for bytes that are none. */
export const idxOf = (bytes: Uint8Array): number | undefined =>
  bytes.length === 4 ? viewOf(bytes).getUint32(0, true) : undefined;

/** Records one behind the other. */
interface Records {
  target: Target;
  readonly ends: Uint32Array;
  count: number;
}

const makeRecords = (): Records => ({ target: targetOf(sliceBytes), ends: new Uint32Array(slice), count: 0 });

const endOf = ({ count, ends }: Records): number => (count === 0 ? 0 : ends[count - 1]!);

/** Whether there is room for so many bytes more, which there is for a first record of any size. */
const hasRoom = (records: Records, size: number): boolean => {
  const enough = endOf(records) + size <= records.target.bytes.length;
  if (records.count > 0) return enough && records.count < slice;
  if (!enough) records.target = targetOf(size);
  return true;
};

/** u32 length of the id, the id, the encoded state. */
const writeBase = (records: Records, users: LoadedUsers, row: number): void => {
  const { target } = records;
  const at = endOf(records);
  const idBytes = target.bytes.write(users.ids[row]!, at + 4);
  target.view.setUint32(at, idBytes, true);
  records.ends[records.count++] = writeState(target, at + 4 + idBytes, users, row);
};

/** Records of the users from `row` on, and their ids in the index, as long as there is room; answers the first row left. */
const fill = (records: Records, index: IdIndex, users: LoadedUsers, row: number): number => {
  for (let next = row; next < users.ids.length; next++) {
    const id = users.ids[next]!;
    if (!hasRoom(records, 4 + 3 * id.length + mostStateBytes(users, next))) return next;
    writeBase(records, users, next);
    index.add(id);
  }
  return users.ids.length;
};

/** Writes all users under the generation; answers how many. One transaction is written while the next is made. */
export const writeUsers = <E, R>(
  store: StoreService,
  generation: number,
  users: Stream.Stream<LoadedUsers, E, R>,
): Effect.Effect<number, StoreError | E, R> =>
  Effect.gen(function* () {
    const { states } = store.tables;
    // What is put has been written when `put` returns: keys and numbers are made in the same bytes again and again.
    const key = baseKeys(generation);
    const pageKey = pageKeys(generation);
    // A stream runs its steps in a fiber of its own, which would take the write under way with it.
    const scope = yield* Effect.scope;
    let count = 0;
    let ids: IdIndex | undefined;
    let records = makeRecords();
    let written = makeRecords();
    let writing: Fiber.Fiber<void, StoreError> = Fiber.void;

    const write = (change: () => void) =>
      Effect.gen(function* () {
        yield* Fiber.join(writing);
        writing = yield* Effect.forkIn(store.write(change), scope);
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

    /** Writes the records, which are of the users before `next`. */
    const writeBases = (next: number) =>
      Effect.gen(function* () {
        const part = records;
        if (part.count === 0) return;
        records = written;
        written = part;
        yield* write(() => {
          const { ends, target } = part;
          for (let i = 0; i < part.count; i++) {
            const bytes = target.bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
            states.put(key(next - part.count + i), bytes);
          }
        });
        // The other buffer's records have been written by now.
        records.count = 0;
      });

    yield* Stream.runForEach(users, (batch) =>
      Effect.gen(function* () {
        ids ??= makeIdIndex(batch.first);
        for (let row = 0; row < batch.ids.length; ) {
          row = fill(records, ids, batch, row);
          yield* writeBases(batch.first + row);
        }
        count += batch.ids.length;
      }),
    );
    yield* writeIndex(ids ?? makeIdIndex(0));
    yield* Fiber.join(writing);
    return count;
  }).pipe(Effect.scoped);
