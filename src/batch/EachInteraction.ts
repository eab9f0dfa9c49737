/**
 * EachInteraction: every row of raw/transactions and raw/events that counts, in the order of the tables. Rows whose time is
 * none (see `domain/EventTime.ts`) and a client's retries do not.
 */
import { Effect, Stream } from "effect";
import { rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import { type ColumnBatch, type TableError, type TableSnapshot, Tables } from "../ports/Tables.ts";
import { ifThere } from "./IdMap.ts";
import {
  eachEvent,
  eachTransaction,
  eventColumns,
  type OnInteraction,
  optionalColumns,
  transactionColumns,
  writtenAt,
} from "./InteractionRows.ts";
import { defaultRetryWindow, makeRetryFilter } from "./RetryFilter.ts";

export interface InteractionTables {
  /** Undefined where there is no such table. */
  readonly transactions: TableSnapshot | undefined;
  readonly events: TableSnapshot | undefined;
}

export interface InteractionCounts {
  /** Rows of raw/transactions and of raw/events. */
  readonly transactions: number;
  readonly events: number;
  /** Rows that do not count: a client's retries, and those of an impossible time. */
  readonly repeated: number;
  readonly badTime: number;
}

export interface EachInteractionOptions {
  /** Told how many rows were read. */
  readonly onRows: (rows: number) => void;
  /** See `makeRetryFilter`. */
  readonly retryWindow?: number | undefined;
}

/** The newest versions of both tables. */
export const interactionTables: Effect.Effect<InteractionTables, TableError, Tables> = Effect.flatMap(
  Tables,
  (tables) =>
    Effect.all({
      transactions: ifThere(tables.snapshot(rawTransactions.name)),
      events: ifThere(tables.snapshot(rawEvents.name)),
    }),
);

export const rowsIn = ({ transactions, events }: InteractionTables): number =>
  (transactions?.rows ?? 0) + (events?.rows ?? 0);

export const eachInteraction = (
  { transactions, events }: InteractionTables,
  on: OnInteraction,
  { onRows, retryWindow = defaultRetryWindow }: EachInteractionOptions,
): Effect.Effect<InteractionCounts, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const counts = { transactions: 0, events: 0, badTime: 0 };
    let repeated = 0;
    const each = (
      table: "transactions" | "events",
      snapshot: TableSnapshot | undefined,
      columns: ReadonlyArray<string>,
      use: (batch: ColumnBatch, arrival: number) => number,
    ) =>
      snapshot === undefined
        ? Effect.void
        : Stream.runForEach(
            tables.read(`raw/${table}`, { columns, optional: optionalColumns, version: snapshot.version }),
            (batch) =>
              Effect.sync(() => {
                counts[table] += batch.rows;
                counts.badTime += use(batch, writtenAt(snapshot));
                onRows(batch.rows);
              }),
          );
    const seen = makeRetryFilter(retryWindow);
    const isRepeated = (userId: string, eventId: string): boolean => {
      const again = seen(userId, eventId);
      if (again) repeated++;
      return again;
    };
    yield* each("transactions", transactions, transactionColumns, (batch, arrival) =>
      eachTransaction(batch, arrival, on),
    );
    yield* each("events", events, eventColumns, (batch, arrival) => eachEvent(batch, arrival, isRepeated, on));
    return { ...counts, repeated };
  });
