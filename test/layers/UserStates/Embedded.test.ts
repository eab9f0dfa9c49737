import { Effect, Layer } from "effect";
import { Store } from "../../../layers/engines/lmdb/Store.ts";
import { layer } from "../../../layers/UserStates/Embedded.ts";
import {
  baseKey,
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
    write(() => states.put(key(Buffer.from(states.get(modelKey(model)) ?? []).readUInt32LE(0)), Buffer.from(bytes))),
  );

const base = (generation: number) => baseKey(generation, 0);

userStatesContract("embedded", () => Layer.provideMerge(layer, temporaryStore), {
  state: [
    spoil((generation) => userKey(generation, "shopper-0"), [1, 255]),
    spoil((generation) => userKey(generation, "shopper-0"), []),
    // Its entry in the index leads to nobody: tag and index of shopper-0 alone.
    (model) =>
      Effect.flatMap(Store, ({ tables: { states }, write }) =>
        write(() => {
          const key = pageKey(Buffer.from(states.get(modelKey(model)) ?? []).readUInt32LE(0), 0);
          const page = Buffer.from(states.get(key) ?? []);
          const at = Array.from({ length: page.length / 8 }, (_, i) => 8 * i).find(
            (at) => page.readUInt32LE(at + 4) === 0,
          );
          page.writeUInt32LE(77, (at ?? Number.NaN) + 4);
          states.put(key, page);
        }),
      ),
    spoil(base, [9, 0, 0, 0, 65]),
    spoil(base, [0, 0]),
  ],
  position: [spoil((generation) => positionKey(generation, 0), [1, 2, 3])],
  trend: [
    spoil(
      (generation) => trendKeyOf(generation, 0),
      Array.from({ length: 17 }, () => 1),
    ),
  ],
  logs: [spoil(logsKey, [91])],
  unnamed: (model) =>
    Effect.flatMap(Store, ({ tables: { states }, write }) =>
      write(() => states.remove(logsKey(Buffer.from(states.get(modelKey(model)) ?? []).readUInt32LE(0)))),
    ),
  id: [spoil(base, [9, 0, 0, 0, 65]), spoil(base, [])],
});
