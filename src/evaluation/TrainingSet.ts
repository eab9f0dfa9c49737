/**
 * TrainingSet: the train part of a log as the rating matrix that ALS factorises.
 *
 * rating = log1p(Σ weight) per (user, item). The catalogue is the items of the train part alone: nothing of the test
 * part, not even that an item exists, reaches a model.
 */
import { defaultEventTypes, type EventTypes } from "../domain/EventTypes.ts";
import type { Ratings } from "../ports/Trainer.ts";
import type { InteractionLog } from "./InteractionLog.ts";

/** Users are all of the log, those without train interactions too; items are those with one: the catalogue. */
export interface TrainingSet extends Ratings {
  /** The log's item to its row in the catalogue, -1 when it has none. */
  readonly rowOf: Int32Array;
  /** The catalogue's row to the log's item. */
  readonly itemOf: Uint32Array;
  /** By catalogue row, 1 or 0: whether it may be recommended. */
  readonly available: Uint8Array;
  /** Train interactions by item row. */
  readonly itemCounts: Uint32Array;
  /** Train interactions by user: their activity. */
  readonly userCounts: Uint32Array;
  /** By which the log was read. */
  readonly types: EventTypes;
}

/** What training made of a set: rows × rank each, row-major; users as in the log, items by catalogue row. */
export interface Factors {
  readonly rank: number;
  readonly userFactors: Float32Array;
  readonly itemFactors: Float32Array;
}

export const makeTrainingSet = (log: InteractionLog, train: Uint32Array): TrainingSet => {
  const users = log.userIds.length;
  const rowOf = new Int32Array(log.itemIds.length).fill(-1);
  const userCounts = new Uint32Array(users);
  let items = 0;
  for (const at of train) {
    if (rowOf[log.item[at]] < 0) rowOf[log.item[at]] = items++;
    userCounts[log.user[at]]++;
  }
  const itemOf = new Uint32Array(items);
  for (let item = 0; item < rowOf.length; item++) if (rowOf[item] >= 0) itemOf[rowOf[item]] = item;

  const byUser = groupByUser(log, train, userCounts);
  const pointers = new Uint32Array(users + 1);
  const itemIdx = new Uint32Array(train.length);
  const ratings = new Float32Array(train.length);
  const itemCounts = new Uint32Array(items);
  const sums = new Map<number, number>();
  let entries = 0;
  for (let user = 0, from = 0; user < users; from += userCounts[user++]) {
    sums.clear();
    for (let i = from; i < from + userCounts[user]; i++) {
      const row = rowOf[log.item[byUser[i]]];
      itemCounts[row]++;
      sums.set(row, (sums.get(row) ?? 0) + log.weight[byUser[i]]);
    }
    const start = entries;
    for (const row of sums.keys()) itemIdx[entries++] = row;
    itemIdx.subarray(start, entries).sort();
    for (let i = start; i < entries; i++) ratings[i] = Math.log1p(sums.get(itemIdx[i]) ?? 0);
    pointers[user + 1] = entries;
  }
  return {
    users,
    items,
    rowOf,
    itemOf,
    available: Uint8Array.from(itemOf, (item) => log.available[item]),
    pointers,
    itemIdx: itemIdx.slice(0, entries),
    ratings: ratings.slice(0, entries),
    itemCounts,
    userCounts,
    types: log.types ?? defaultEventTypes,
  };
};

/** `positions` ordered by user, in time order within each; `counts` is how many each user has. */
export const groupByUser = (log: InteractionLog, positions: Uint32Array, counts: Uint32Array): Uint32Array => {
  const next = new Uint32Array(counts.length);
  for (let user = 1; user < counts.length; user++) next[user] = next[user - 1] + counts[user - 1];
  const grouped = new Uint32Array(positions.length);
  for (const at of positions) grouped[next[log.user[at]]++] = at;
  return grouped;
};
