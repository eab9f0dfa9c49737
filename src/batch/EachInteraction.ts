/**
 * EachInteraction: every row that counts of raw/transactions, as they stand, then of raw/events, in the log's order. Rows of
 * an impossible time (see `domain/EventTime.ts`) and a client's retries do not.
 */
import { Effect, Stream } from "effect";
import { rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import { type ColumnBatch, type TableError, type TableSnapshot, Tables } from "../ports/Tables.ts";
import { readArchived } from "./ArchivedEvents.ts";
import { ifThere } from "./IdMap.ts";
import {
  type ArchivedEvent,
  eachEvent,
  eachTransaction,
  eventColumns,
  type OnInteraction,
  transactionColumns,
  writtenAt,
} from "./InteractionRows.ts";
import type { RecentUsers } from "./RecentUsers.ts";

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
  /** Remembers the users' events. */
  readonly recent: RecentUsers;
  readonly itemIndexOf: (itemId: string) => number;
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
  { itemIndexOf, onRows, recent }: EachInteractionOptions,
): Effect.Effect<InteractionCounts, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const counts = { transactions: 0, events: 0, badTime: 0 };
    let repeated = 0;
    const each = (
      table: "transactions" | "events",
      batches: Stream.Stream<ColumnBatch, TableError, Tables>,
      use: (batch: ColumnBatch) => number,
    ) =>
      Stream.runForEach(batches, (batch) =>
        Effect.sync(() => {
          counts[table] += batch.rows;
          counts.badTime += use(batch);
          onRows(batch.rows);
        }),
      );
    const isRetry = (event: ArchivedEvent): boolean => {
      const again = recent.judge(event, itemIndexOf(event.itemId)) === "repeated";
      if (again) repeated++;
      return again;
    };
    if (transactions !== undefined) {
      const read = tables.read(rawTransactions.name, { columns: transactionColumns, version: transactions.version });
      yield* each("transactions", read, (batch) => eachTransaction(batch, writtenAt(transactions), on));
    }
    if (events !== undefined) {
      const read = readArchived(events, eventColumns);
      yield* each("events", read, (batch) => eachEvent(batch, writtenAt(events), isRetry, on));
    }
    return { ...counts, repeated };
  });
