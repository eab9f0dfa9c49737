/** TrainingBatches: sums and histories as the column batches of the processed tables, in user order. */
import { Option, Stream } from "effect";
import { type RecentEvents, recentSize, unpackEvents } from "../domain/RecentEvents.ts";
import type { ColumnBatch } from "../ports/Tables.ts";
import type { Histories } from "./InteractionHistory.ts";
import type { SummedPairs } from "./InteractionSums.ts";

const batchRows = 1 << 18;

/** Positions [from, to) of users in order, cut where a batch is full; a user is never split. */
const userRanges = (pointers: Uint32Array, users: number): Stream.Stream<readonly [number, number]> =>
  Stream.unfold(0, (user) => {
    if (user >= users) return Option.none();
    let end = user + 1;
    while (end < users && pointers[end + 1] - pointers[user] <= batchRows) end++;
    return Option.some([[user, end] as const, end] as const);
  });

const userColumn = (pointers: Uint32Array, from: number, to: number): Int32Array => {
  const column = new Int32Array(pointers[to] - pointers[from]);
  for (let user = from; user < to; user++) {
    column.fill(user, pointers[user] - pointers[from], pointers[user + 1] - pointers[from]);
  }
  return column;
};

/** The rows of train_data; pairs of weight 0 are left out. */
export const ratingBatches = ({ users, pointers, items, sums }: SummedPairs): Stream.Stream<ColumnBatch> =>
  userRanges(pointers, users).pipe(
    Stream.map(([from, to]) => {
      const start = pointers[from];
      const all = userColumn(pointers, from, to);
      const user_idx = new Int32Array(all.length);
      const item_idx = new Int32Array(all.length);
      const rating = new Float32Array(all.length);
      let rows = 0;
      for (let i = 0; i < all.length; i++) {
        if (sums[start + i] <= 0) continue;
        user_idx[rows] = all[i];
        item_idx[rows] = items[start + i];
        rating[rows++] = Math.log1p(sums[start + i]);
      }
      const columns = {
        user_idx: user_idx.subarray(0, rows),
        item_idx: item_idx.subarray(0, rows),
        rating: rating.subarray(0, rows),
      };
      return { rows, columns };
    }),
    Stream.filter(({ rows }) => rows > 0),
  );

/** The rows of user_bought. */
export const boughtBatches = ({ users, pointers, items, bought }: SummedPairs): Stream.Stream<ColumnBatch> =>
  userRanges(pointers, users).pipe(
    Stream.map(([from, to]) => {
      const start = pointers[from];
      const all = userColumn(pointers, from, to);
      const user_idx = new Int32Array(all.length);
      const item_idx = new Int32Array(all.length);
      let rows = 0;
      for (let i = 0; i < all.length; i++) {
        if (bought[start + i] === 0) continue;
        user_idx[rows] = all[i];
        item_idx[rows++] = items[start + i];
      }
      return { rows, columns: { user_idx: user_idx.subarray(0, rows), item_idx: item_idx.subarray(0, rows) } };
    }),
    Stream.filter(({ rows }) => rows > 0),
  );

/** The rows of user_recent, of users by index. */
export const recentBatches = (
  users: ReadonlyArray<readonly [userIdx: number, events: RecentEvents]>,
): Stream.Stream<ColumnBatch> => {
  const inOrder = [...users].sort(([one], [other]) => one - other);
  return Stream.unfold(0, (from) => {
    if (from >= inOrder.length) return Option.none();
    let end = from;
    let rows = 0;
    while (end < inOrder.length && rows < batchRows) rows += inOrder[end++][1].length / recentSize;
    const events = inOrder
      .slice(from, end)
      .flatMap(([userIdx, packed]) => unpackEvents(packed).map((event) => ({ userIdx, ...event })));
    const columns = {
      user_idx: Int32Array.from(events, ({ userIdx }) => userIdx),
      event_key: BigInt64Array.from(events, ({ id }) => BigInt(id)),
      arrived_at: Float64Array.from(events, ({ arrival }) => arrival),
      timestamp: Float64Array.from(events, ({ time }) => time),
      item_idx: Int32Array.from(events, ({ itemIdx }) => itemIdx),
      type: Int32Array.from(events, ({ type }) => type),
      counted: events.map(({ counted }) => counted),
    };
    return Option.some([{ rows, columns }, end] as const);
  });
};

/** The rows of item_stats. */
export const statsBatch = ({ items, bought }: SummedPairs, itemCount: number): ColumnBatch => {
  const buyers = new Int32Array(itemCount);
  for (let i = 0; i < items.length; i++) buyers[items[i]] += bought[i];
  return { rows: itemCount, columns: { item_idx: Int32Array.from(buyers, (_, item) => item), buyers } };
};

/** The rows of user_history. */
export const historyBatches = ({ users, pointers, items, types, times }: Histories): Stream.Stream<ColumnBatch> =>
  userRanges(pointers, users).pipe(
    Stream.map(([from, to]) => {
      const [start, end] = [pointers[from], pointers[to]];
      const columns = {
        user_idx: userColumn(pointers, from, to),
        item_idx: Int32Array.from(items.subarray(start, end)),
        type: Int32Array.from(types.subarray(start, end)),
        timestamp: times.slice(start, end),
      };
      return { rows: end - start, columns };
    }),
    Stream.filter(({ rows }) => rows > 0),
  );
