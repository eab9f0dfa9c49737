/** ReadInteractions: raw/transactions and the archived raw/events as one log in memory, in time order. */
import { Effect, type Scope, Stream } from "effect";
import { ifThere } from "../batch/IdMap.ts";
import { eachEvent, eachTransaction, eventColumns, transactionColumns } from "../batch/InteractionRows.ts";
import { listedIds } from "../batch/ItemsFile.ts";
import { makeRetryFilter } from "../batch/RetryFilter.ts";
import { rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import { Progress } from "../ports/Progress.ts";
import { type ColumnBatch, type TableError, type TableSnapshot, Tables } from "../ports/Tables.ts";
import { type InteractionLog, makeLogBuilder } from "./InteractionLog.ts";

/**
 * Weighs and counts as `preprocess` does. Rows of unknown type, or whose weight is not above 0, are left out: they teach
 * nothing. Where an items file was given, items that it lacks are not available. The log is empty where neither table
 * exists.
 */
export const readInteractions: Effect.Effect<InteractionLog, TableError, Tables | Progress | Scope.Scope> = Effect.gen(
  function* () {
    const tables = yield* Tables;
    const progress = yield* Progress;
    const transactions = yield* ifThere(tables.snapshot(rawTransactions.name));
    const events = yield* ifThere(tables.snapshot(rawEvents.name));
    const total = (transactions?.rows ?? 0) + (events?.rows ?? 0);
    const task = yield* progress.task({ label: "read interactions", unit: "rows", total });
    const builder = makeLogBuilder();
    const add = (user: string, item: string, type: number, weight: number, time: number): void => {
      if (type >= 0 && weight > 0) builder.add(user, item, type, weight, time);
    };
    const each = (
      table: string,
      snapshot: TableSnapshot | undefined,
      columns: ReadonlyArray<string>,
      use: (batch: ColumnBatch) => void,
    ) =>
      snapshot === undefined
        ? Effect.void
        : Stream.runForEach(tables.read(table, { columns, version: snapshot.version }), (batch) =>
            Effect.sync(() => {
              use(batch);
              task.advance(batch.rows);
            }),
          );
    const repeated = makeRetryFilter();
    yield* each(rawTransactions.name, transactions, transactionColumns, (batch) => eachTransaction(batch, add));
    yield* each(rawEvents.name, events, eventColumns, (batch) => eachEvent(batch, repeated, add));
    return builder.finish(yield* listedIds);
  },
);
