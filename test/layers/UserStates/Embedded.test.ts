import { Effect, Layer } from "effect";
import type { Table } from "../../../layers/engines/lmdb/Environment.ts";
import { Store } from "../../../layers/engines/lmdb/Store.ts";
import { layer } from "../../../layers/UserStates/Embedded.ts";
import {
  blockKey,
  followersKey,
  itemTrendsKey,
  journalKey,
  logsKey,
  modelKey,
  pageKey,
  positionKey,
  trendKeyOf,
  userKey,
} from "../../../layers/UserStates/embedded/Keys.ts";
import { userStatesContract } from "../../contracts/UserStates.ts";
import { temporaryStore } from "../engines/lmdb/temporary.ts";

/** Puts `bytes` under a key of the model's generation. */
const spoil = (key: (generation: number) => Buffer, bytes: ReadonlyArray<number>) => (model: string) =>
  Effect.flatMap(Store, ({ tables: { states }, write }) =>
    write(() => states.put(key(generationOf(states, model)), Buffer.from(bytes))),
  );

const generationOf = (states: Table, model: string): number =>
  Buffer.from(states.get(modelKey(model)) ?? []).readUInt32LE(0);

/** Changes what is stored under a key of the model's generation. */
const change = (key: (generation: number) => Buffer, make: (bytes: Buffer) => void) => (model: string) =>
  Effect.flatMap(Store, ({ tables: { states }, write }) =>
    write(() => {
      const bytes = Buffer.from(states.get(key(generationOf(states, model))) ?? []);
      make(bytes);
      states.put(key(generationOf(states, model)), bytes);
    }),
  );

const block = (generation: number) => blockKey(generation, 0);

/** Behind the ends of 32 records: the length of the first one's id. */
const longId = change(block, (bytes) => bytes.writeUInt32LE(1e6, 128));
userStatesContract("embedded", () => Layer.provideMerge(layer, temporaryStore), {
  state: [
    spoil((generation) => userKey(generation, "shopper-0"), [1, 255]),
    spoil((generation) => userKey(generation, "shopper-0"), []),
    // The entry of index 0 leads to nobody.
    change(
      (generation) => pageKey(generation, 0),
      (page) => {
        const entries = Array.from({ length: page.length / 8 }, (_, i) => 8 * i);
        page.writeUInt32LE(77, (entries.find((at) => page.readUInt32LE(at + 4) === 0) ?? Number.NaN) + 4);
      },
    ),
    longId,
  ],
  position: [spoil((generation) => positionKey(generation, 0), [1, 2, 3])],
  trend: [
    spoil(
      (generation) => trendKeyOf(generation, 0),
      Array.from({ length: 17 }, () => 1),
    ),
  ],
  itemTrends: [spoil((generation) => itemTrendsKey(generation, 0), [1, 2, 3])],
  followers: [
    spoil((generation) => followersKey(generation, 0), [1, 2, 3]),
    spoil((generation) => followersKey(generation, 0), [2, 0, 0, 0, 0, 0, 0, 0, 1]),
    change(
      (generation) => followersKey(generation, 0),
      (bytes) => bytes.writeDoubleLE(0.5, 24),
    ),
    spoil((generation) => journalKey(generation, 0, 3n), []),
    spoil(
      (generation) => journalKey(generation, 0, 3n),
      Array.from({ length: 13 }, () => 1),
    ),
    change(
      (generation) => journalKey(generation, 0, 3n),
      (bytes) => bytes.writeUInt32LE(21, 16),
    ),
  ],
  logs: [spoil(logsKey, [91])],
  unnamed: (model) =>
    Effect.flatMap(Store, ({ tables: { states }, write }) =>
      write(() => states.remove(logsKey(generationOf(states, model)))),
    ),
  id: [longId],
});
