/**
 * Preprocess: raw tables to training data.
 *
 * Reads raw/transactions and the archived raw/events, gives every user and item its lasting index, and writes one rating
 * per pair, log1p(Σ weight · quantity), every user's newest interactions and all that was ever bought. The training snapshot is written last and
 * names the versions of all of it: a reader who follows it sees one run's tables, whatever is being written meanwhile.
 */
import { Clock, Effect, Schema, Stream } from "effect";
import { offsetKey } from "../domain/Model.ts";
import {
  archivedPartition,
  itemMap,
  itemStats,
  rawArticles,
  rawEvents,
  rawTransactions,
  type TableDefinition,
  trainData,
  trainingSnapshot,
  userBought,
  userHistory,
  userMap,
} from "../domain/TableSchemas.ts";
import { Progress } from "../ports/Progress.ts";
import { type ColumnBatch, type TableError, type TableSnapshot, Tables } from "../ports/Tables.ts";
import { ifThere, loadIdMap, storeIdMap } from "./IdMap.ts";
import { makeInteractionHistory } from "./InteractionHistory.ts";
import {
  eachEvent,
  eachTransaction,
  eventColumns,
  type OnInteraction,
  purchaseCode,
  transactionColumns,
} from "./InteractionRows.ts";
import { defaultChunk, makeInteractionSums, type SummedPairs } from "./InteractionSums.ts";
import { defaultRetryWindow, makeRetryFilter } from "./RetryFilter.ts";
import { boughtBatches, historyBatches, ratingBatches, statsBatch } from "./TrainingBatches.ts";

export interface PreprocessSummary {
  /** Rows of raw/transactions and of raw/events. */
  readonly transactions: number;
  readonly events: number;
  /** Rows that count for nothing: a client's retries, and events of unknown type. */
  readonly repeated: number;
  readonly unknownType: number;
  readonly pairs: number;
  readonly users: number;
  readonly newUsers: number;
  readonly items: number;
  readonly newItems: number;
  readonly seconds: number;
}

export interface PreprocessOptions {
  /** Interactions sorted at a time; the result does not depend on it. */
  readonly chunk?: number;
  /** See `makeRetryFilter`. */
  readonly retryWindow?: number;
}

export class PreprocessError extends Schema.TaggedError<PreprocessError>()("PreprocessError", {
  reason: Schema.Literal("NoData"),
  message: Schema.String,
}) {}

interface SnapshotRow {
  readonly kind: "table" | "offset";
  readonly key: string;
  readonly value: bigint;
}

const snapshotBatch = (rows: ReadonlyArray<SnapshotRow>): ColumnBatch => ({
  rows: rows.length,
  columns: {
    kind: rows.map((row) => row.kind),
    key: rows.map((row) => row.key),
    value: rows.map((row) => row.value),
  },
});

const countPairs = ({ sums }: SummedPairs): number => {
  let pairs = 0;
  for (let i = 0; i < sums.length; i++) if (sums[i] > 0) pairs++;
  return pairs;
};

export const preprocess = (
  options: PreprocessOptions = {},
): Effect.Effect<PreprocessSummary, PreprocessError | TableError, Tables | Progress> =>
  Effect.gen(function* () {
    const { chunk = defaultChunk, retryWindow = defaultRetryWindow } = options;
    const tables = yield* Tables;
    const progress = yield* Progress;
    const started = yield* Clock.currentTimeMillis;

    const transactions = yield* ifThere(tables.snapshot(rawTransactions.name));
    const articles = yield* ifThere(tables.snapshot(rawArticles.name));
    const events = yield* ifThere(tables.snapshot(rawEvents.name));
    if (transactions === undefined && events === undefined) {
      return yield* new PreprocessError({
        reason: "NoData",
        message: "There is no table raw/transactions: run the command csv-to-delta, generate or import first.",
      });
    }
    const task = yield* progress.task({
      label: "preprocess",
      unit: "rows",
      total: (transactions?.rows ?? 0) + (events?.rows ?? 0),
    });
    const each = (
      table: TableDefinition,
      snapshot: TableSnapshot | undefined,
      columns: ReadonlyArray<string>,
      use: (batch: ColumnBatch) => void,
    ) =>
      snapshot === undefined
        ? Effect.void
        : tables
            .read(table.name, { columns, version: snapshot.version })
            .pipe(Stream.runForEach((batch) => Effect.sync(() => use(batch))));

    const users = yield* loadIdMap(userMap);
    const items = yield* loadIdMap(itemMap);
    yield* each(rawArticles, articles, ["article_id"], (batch) => {
      const ids = batch.columns.article_id as ArrayLike<string>;
      for (let i = 0; i < batch.rows; i++) items.indexOf(ids[i]);
    });

    const sums = makeInteractionSums(chunk);
    const history = makeInteractionHistory(chunk);
    let rows = 0;
    let repeated = 0;
    let unknownType = 0;
    const count: OnInteraction = (userId, itemId, type, weight, time) => {
      if (type < 0) unknownType++;
      if (type < 0 && weight === 0) return;
      const user = users.indexOf(userId);
      const item = items.indexOf(itemId);
      const isBought = type === purchaseCode;
      if (weight > 0 || isBought) sums.add(user, item, Math.max(weight, 0), isBought);
      if (type >= 0) history.add(user, item, type, time);
    };
    yield* each(rawTransactions, transactions, transactionColumns, (batch) => {
      eachTransaction(batch, count);
      rows += batch.rows;
      task.advance(batch.rows);
    });
    const transactionRows = rows;
    const seen = makeRetryFilter(retryWindow);
    const isRepeated = (userId: string, eventId: string): boolean => {
      const again = seen(userId, eventId);
      if (again) repeated++;
      return again;
    };
    yield* each(rawEvents, events, eventColumns, (batch) => {
      eachEvent(batch, isRepeated, count);
      rows += batch.rows;
      task.advance(batch.rows);
    });

    const pairs = sums.finish();
    const histories = history.finish();
    const written: Record<string, number> = {};
    written[userMap.name] = yield* storeIdMap(userMap, users);
    written[itemMap.name] = yield* storeIdMap(itemMap, items);
    written[trainData.name] = yield* tables.overwrite(trainData.name, trainData.schema, ratingBatches(pairs));
    written[userHistory.name] = yield* tables.overwrite(
      userHistory.name,
      userHistory.schema,
      historyBatches(histories),
    );
    written[userBought.name] = yield* tables.overwrite(userBought.name, userBought.schema, boughtBatches(pairs));
    written[itemStats.name] = yield* tables.overwrite(
      itemStats.name,
      itemStats.schema,
      Stream.make(statsBatch(pairs, items.size())),
    );
    if (transactions !== undefined) written[rawTransactions.name] = transactions.version;
    if (articles !== undefined) written[rawArticles.name] = articles.version;
    if (events !== undefined) written[rawEvents.name] = events.version;
    const versions = Object.entries(written).map(([key, version]): SnapshotRow => {
      return { kind: "table", key, value: BigInt(version) };
    });
    const offsets = [...(events?.transactions ?? [])].flatMap(([appId, value]): ReadonlyArray<SnapshotRow> => {
      const archived = archivedPartition(appId);
      if (archived === undefined) return [];
      return [{ kind: "offset", key: offsetKey(archived.identity, archived.partition), value }];
    });
    yield* tables.overwrite(
      trainingSnapshot.name,
      trainingSnapshot.schema,
      Stream.make(snapshotBatch([...versions, ...offsets])),
    );

    const summary: PreprocessSummary = {
      transactions: transactionRows,
      events: rows - transactionRows,
      repeated,
      unknownType,
      pairs: countPairs(pairs),
      users: users.size(),
      newUsers: users.size() - users.stored,
      items: items.size(),
      newItems: items.size() - items.stored,
      seconds: ((yield* Clock.currentTimeMillis) - started) / 1000,
    };
    yield* Effect.log(
      `Made ${summary.pairs} ratings of ${summary.users} users (${summary.newUsers} new) and ${summary.items} items ` +
        `(${summary.newItems} new) from ${summary.transactions} transactions and ${summary.events} archived events ` +
        `(${repeated} repeated, ${unknownType} of unknown type) in ${summary.seconds.toFixed(1)} s.`,
    );
    return summary;
  }).pipe(Effect.scoped);
