/**
 * UserTables: what preprocess wrote of the users, by neighbouring users in order of their index, at a snapshot's versions.
 * Rows stay columns of numbers from the file to the store.
 */
import { Effect, type Scope, Stream } from "effect";
import type { History, ItemLists, Pasts, Recent, Shown } from "../domain/LoadedUsers.ts";
import { type TrainingSnapshot, trainedTypes } from "../domain/Model.ts";
import { actOf, recentSize } from "../domain/RecentEvents.ts";
import { shownSize } from "../domain/ShownItems.ts";
import {
  type TableDefinition,
  userBought,
  userHidden,
  userHistory,
  userRecent,
  userShown,
} from "../domain/TableSchemas.ts";
import { keptInteractions, keptPurchases } from "../domain/UserState.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import { type Rows, readerOf, type Take } from "./IndexedRows.ts";
import { readTable, type TrainingDataError } from "./TrainingData.ts";

/** Which codes are of types that buy. */
type Buys = ReadonlyArray<boolean>;

type Failure = TrainingDataError | TableError;

const integers = (rows: Rows, name: string): Int32Array => rows.columns[name] as Int32Array;
const doubles = (rows: Rows, name: string): Float64Array => rows.columns[name] as Float64Array;

const historyOf = (rows: Rows): History => ({
  pointers: rows.pointers,
  items: integers(rows, "item_idx"),
  types: integers(rows, "type"),
  times: doubles(rows, "timestamp"),
});

const listsOf = (rows: Rows): ItemLists => ({ pointers: rows.pointers, items: integers(rows, "item_idx") });

const recentOf = (rows: Rows): Recent => {
  const parts = ["event_key", "arrived_at", "timestamp"].map((name) => rows.columns[name]);
  const items = integers(rows, "item_idx");
  const types = integers(rows, "type");
  const counted = integers(rows, "counted");
  const packed = new Float64Array(recentSize * items.length);
  for (let i = 0; i < items.length; i++) {
    for (let p = 0; p < parts.length; p++) packed[recentSize * i + p] = parts[p][i];
    packed[recentSize * i + parts.length] = actOf(items[i], types[i], counted[i] === 1);
  }
  return { pointers: rows.pointers, packed };
};

/** Rows of items stand before those of impressions. */
const shownOf = (rows: Rows): Shown => {
  const items = integers(rows, "item_idx");
  const [counts, ids, last] = [integers(rows, "shown"), integers(rows, "impression"), doubles(rows, "last")];
  const words = new Uint32Array((1 + shownSize) * items.length);
  const pointers = new Uint32Array(rows.pointers.length);
  let end = 0;
  for (let row = 0; row + 1 < pointers.length; row++) {
    const start = end;
    if (rows.pointers[row + 1] > rows.pointers[row]) end++;
    for (let i = rows.pointers[row]; i < rows.pointers[row + 1]; i++) {
      if (items[i] < 0) {
        words[end++] = ids[i];
        continue;
      }
      words[start]++;
      words[end++] = items[i];
      words[end++] = last[i];
      words[end++] = counts[i];
    }
    pointers[row + 1] = end;
  }
  return { pointers, words: words.subarray(0, end) };
};

/** The history cut to what a user state keeps: the newest of any type and the newest purchases. Moves within the columns. */
const trimmed = ({ items, pointers, times, types }: History, buys: Buys): History => {
  const ends = new Uint32Array(pointers.length);
  let end = 0;
  for (let row = 0; row + 1 < pointers.length; row++) {
    const newest = pointers[row + 1] - keptInteractions;
    let oldest = pointers[row + 1];
    for (let purchases = 0; oldest > pointers[row] && purchases < keptPurchases; ) {
      if (buys[types[--oldest]]) purchases++;
    }
    for (let i = pointers[row]; i < pointers[row + 1]; i++) {
      if (i < newest && (i < oldest || !buys[types[i]])) continue;
      items[end] = items[i];
      types[end] = types[i];
      times[end++] = times[i];
    }
    ends[row + 1] = end;
  }
  return { pointers: ends, items, types, times };
};

/** What is known to be bought where only a history was kept. */
const purchasesOf = ({ items, pointers, types }: History, buys: Buys): ItemLists => {
  const found = new Int32Array(items.length);
  const ends = new Uint32Array(pointers.length);
  for (let row = 0; row + 1 < pointers.length; row++) {
    let end = ends[row];
    for (let i = pointers[row]; i < pointers[row + 1]; i++) if (buys[types[i]]) found[end++] = items[i];
    const own = found.subarray(ends[row], end).sort();
    end = ends[row];
    own.forEach((item, i) => {
      if (i === 0 || item !== found[end - 1]) found[end++] = item;
    });
    ends[row + 1] = end;
  }
  return { pointers: ends, items: found };
};

/** The history without purchases that are not in `bought`: they were taken back, and are none. Moves within the columns. */
const withoutTakenBack = ({ items, pointers, times, types }: History, bought: ItemLists, buys: Buys): History => {
  const ends = new Uint32Array(pointers.length);
  /** By item: 1 + the row of the last user who bought it. */
  const buyers = new Uint32Array(1 + bought.items.reduce((most, item) => Math.max(most, item), -1));
  let end = 0;
  for (let row = 0; row + 1 < pointers.length; row++) {
    for (let i = bought.pointers[row]; i < bought.pointers[row + 1]; i++) buyers[bought.items[i]] = row + 1;
    for (let i = pointers[row]; i < pointers[row + 1]; i++) {
      const item = items[i];
      if (buys[types[i]] && (item >= buyers.length || buyers[item] !== row + 1)) continue;
      items[end] = item;
      types[end] = types[i];
      times[end++] = times[i];
    }
    ends[row + 1] = end;
  }
  return { pointers: ends, items, types, times };
};

/**
 * Answers what is known of the users from `first` to `last`, each call beginning behind the last one's: of their histories, as
 * much as a user state keeps. Where what was bought was not kept apart, it is the purchases of the history.
 */
export const readPasts = (
  snapshot: TrainingSnapshot,
): Effect.Effect<(first: number, last: number) => Effect.Effect<Pasts, Failure, Tables>, never, Tables | Scope.Scope> =>
  Effect.gen(function* () {
    const { buys } = trainedTypes(snapshot);
    const isKept = userBought.name in snapshot.tables;
    const reader = (table: TableDefinition, batches = readTable(snapshot, table)) =>
      readerOf(table, "user_idx", batches, "batch preprocess");
    /** No rows of a table that a snapshot does not have, of an older version or since no type of events asks for it. */
    const optional = (table: TableDefinition): Effect.Effect<Take, never, Tables | Scope.Scope> =>
      reader(table, table.name in snapshot.tables ? undefined : Stream.empty);
    const histories = yield* reader(userHistory);
    const purchases = yield* optional(userBought);
    const hiding = yield* optional(userHidden);
    const showing = yield* optional(userShown);
    const events = yield* optional(userRecent);
    return (first, last) =>
      Effect.gen(function* () {
        const history = trimmed(historyOf(yield* histories(first, last)), buys);
        const recent = recentOf(yield* events(first, last));
        const hidden = listsOf(yield* hiding(first, last));
        const shown = shownOf(yield* showing(first, last));
        const bought = isKept ? listsOf(yield* purchases(first, last)) : purchasesOf(history, buys);
        return { history: isKept ? withoutTakenBack(history, bought, buys) : history, bought, hidden, shown, recent };
      });
  });
