/**
 * Preprocess: raw tables to training data.
 *
 * Reads raw/transactions and the archived raw/events, gives every user and item its lasting index, and writes one rating
 * per pair, log1p(Σ weight · quantity), every user's newest interactions, all that was ever bought and what is remembered of
 * the last day's events. The training snapshot is written last and names the versions of all of it: a reader who follows it
 * sees one run's tables, whatever is being written meanwhile.
 */
import { Clock, type ConfigError, Duration, Effect, Schema, Stream } from "effect";
import { learning } from "../config/Settings.ts";
import { offsetKey } from "../domain/Model.ts";
import {
  archivedPartition,
  itemMap,
  itemStats,
  rawArticles,
  rawEvents,
  rawTransactions,
  trainData,
  trainingSnapshot,
  userBought,
  userHistory,
  userMap,
  userRecent,
} from "../domain/TableSchemas.ts";
import { Progress } from "../ports/Progress.ts";
import { type ColumnBatch, type TableError, Tables } from "../ports/Tables.ts";
import { inTurn } from "../ports/Turns.ts";
import { eachInteraction, interactionTables, rowsIn } from "./EachInteraction.ts";
import { ifThere, loadIdMap, storeIdMap } from "./IdMap.ts";
import { makeInteractionHistory } from "./InteractionHistory.ts";
import { type OnInteraction, purchaseCode } from "./InteractionRows.ts";
import { defaultChunk, makeInteractionSums, type SummedPairs } from "./InteractionSums.ts";
import { makeRecentUsers } from "./RecentUsers.ts";
import { boughtBatches, historyBatches, ratingBatches, recentBatches, statsBatch } from "./TrainingBatches.ts";

export interface PreprocessSummary {
  /** Rows of raw/transactions and of raw/events. */
  readonly transactions: number;
  readonly events: number;
  /** Rows that count for nothing: a client's retries, events of unknown type, and rows of an impossible time. */
  readonly repeated: number;
  readonly badTime: number;
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
): Effect.Effect<PreprocessSummary, PreprocessError | TableError | ConfigError.ConfigError, Tables | Progress> =>
  Effect.gen(function* () {
    const { chunk = defaultChunk } = options;
    const tables = yield* Tables;
    const progress = yield* Progress;
    const started = yield* Clock.currentTimeMillis;

    const sources = yield* interactionTables;
    const { transactions, events } = sources;
    const articles = yield* ifThere(tables.snapshot(rawArticles.name));
    if (transactions === undefined && events === undefined) {
      return yield* new PreprocessError({
        reason: "NoData",
        message: "There is no table raw/transactions: run the command csv-to-delta, generate or import first.",
      });
    }
    const task = yield* progress.task({
      label: "preprocess",
      unit: "rows",
      total: rowsIn(sources),
    });
    const users = yield* loadIdMap(userMap);
    const items = yield* loadIdMap(itemMap);
    if (articles !== undefined) {
      yield* tables.read(rawArticles.name, { columns: ["article_id"], version: articles.version }).pipe(
        Stream.runForEach((batch) =>
          Effect.sync(() => {
            const ids = batch.columns.article_id as ArrayLike<string>;
            for (let i = 0; i < batch.rows; i++) items.indexOf(ids[i]);
          }),
        ),
      );
    }

    const sums = makeInteractionSums(chunk);
    const history = makeInteractionHistory(chunk);
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
    const recent = makeRecentUsers(Duration.toSeconds(yield* learning.debounce.config));
    const { badTime, repeated, ...read } = yield* eachInteraction(sources, count, {
      onRows: (rows) => task.advance(rows),
      recent,
      itemIndexOf: items.indexOf,
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
    const remembered = [...recent.remembered()].map(([userId, events]) => [users.indexOf(userId), events] as const);
    written[userRecent.name] = yield* tables.overwrite(userRecent.name, userRecent.schema, recentBatches(remembered));
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
      ...read,
      repeated,
      badTime,
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
        `(${repeated} repeated, ${unknownType} of unknown type, ${badTime} of an impossible time) in ${summary.seconds.toFixed(1)} s.`,
    );
    return summary;
  }).pipe(Effect.scoped, inTurn("preparing the training data"));
