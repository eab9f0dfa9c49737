/**
 * Base: the users of a load, written in order of their index, and the index from the shop's id to them.
 *
 * Bases are appended, so each page is written once. Ids come in no order: they are gathered and written sorted, which
 * touches a page of the index once per `gathered` users, not once per slice.
 */
import { Effect, Fiber, Stream } from "effect";
import { emptyUserState, type LoadedUser } from "../../src/domain/UserState.ts";
import { encodeUserState } from "../../src/domain/UserStateCodec.ts";
import type { StoreService } from "../Store/Lmdb.ts";
import type { StoreError } from "../Store/StoreError.ts";
import { baseKey, indexKey } from "./Keys.ts";

/** Records per transaction: enough for throughput, few enough for the event loop. */
const slice = 16_384;

/** Ids held in memory and sorted at once: some 15 MB, some 0.2 s. */
const gathered = 131_072;

const words = new TextDecoder("utf-8", { ignoreBOM: true });

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** u32 length of the id, the id, the encoded state. */
const encodeBase = ({ userId, vector, interactions, bought, recent }: LoadedUser): Buffer => {
  const state = encodeUserState({ ...emptyUserState, vector, interactions, bought, recent });
  const length = Buffer.byteLength(userId);
  const bytes = Buffer.allocUnsafe(4 + length + state.length);
  bytes.writeUInt32LE(length, 0);
  bytes.write(userId, 4);
  bytes.set(state, 4 + length);
  return bytes;
};

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

/** The user's index; undefined for bytes that are none. */
export const idxOf = (bytes: Uint8Array): number | undefined =>
  bytes.length === 4 ? viewOf(bytes).getUint32(0, true) : undefined;

interface Entry {
  readonly userId: string;
  readonly userIdx: number;
}

/** Writes all users under the generation; answers how many. One transaction is written while the next is made. */
export const writeUsers = <E, R>(
  store: StoreService,
  generation: number,
  users: Stream.Stream<ReadonlyArray<LoadedUser>, E, R>,
): Effect.Effect<number, StoreError | E, R> =>
  Effect.gen(function* () {
    const { states } = store.tables;
    // A stream runs its steps in a fiber of its own, which would take the write under way with it.
    const scope = yield* Effect.scope;
    let count = 0;
    let waiting: ReadonlyArray<LoadedUser> = [];
    let entries: Array<Entry> = [];
    let writing: Fiber.Fiber<void, StoreError> = Fiber.void;

    const write = (change: () => void) =>
      Effect.gen(function* () {
        yield* Fiber.join(writing);
        writing = yield* Effect.forkIn(store.write(change), scope);
      });

    const writeIndex = Effect.gen(function* () {
      const sorted = entries.sort((a, b) => (a.userId < b.userId ? -1 : 1));
      entries = [];
      for (let at = 0; at < sorted.length; at += slice) {
        const part = sorted.slice(at, at + slice);
        yield* write(() => {
          for (const { userId, userIdx } of part) {
            const idx = Buffer.allocUnsafe(4);
            idx.writeUInt32LE(userIdx, 0);
            states.put(indexKey(generation, userId), idx);
          }
        });
      }
    });

    const writeBases = Effect.gen(function* () {
      const part = waiting;
      const bases = part.map(encodeBase);
      waiting = [];
      count += part.length;
      for (const { userId, userIdx } of part) entries.push({ userId, userIdx });
      yield* write(() => {
        for (let i = 0; i < part.length; i++) states.put(baseKey(generation, part[i]!.userIdx), bases[i]!);
      });
      if (entries.length >= gathered) yield* writeIndex;
    });

    yield* Stream.runForEach(users, (batch) =>
      Effect.gen(function* () {
        for (let at = 0; at < batch.length; at += slice) {
          const more = batch.slice(at, at + slice);
          if (waiting.length + more.length > slice) yield* writeBases;
          waiting = waiting.concat(more);
        }
      }),
    );
    yield* writeBases;
    yield* writeIndex;
    yield* Fiber.join(writing);
    return count;
  }).pipe(Effect.scoped);
