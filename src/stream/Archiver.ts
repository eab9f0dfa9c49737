/**
 * Archiver: events to the Delta table raw/events, each once.
 *
 * Every commit carries, for each partition in it, a txn action with the next offset, checked against the one that this
 * process last knew: rows and progress become visible together or not at all, and a zombie's commit is stale.
 * Those of another log do not count; those of version 0.1, which named no log, are taken over in a commit of their own.
 * Partitions wait for one another, so that one file holds the events of all of them.
 */
import { Clock, type Duration, Effect, Either, Schema, Stream } from "effect";
import type { ColumnBatch } from "../domain/Columns.ts";
import type { Event } from "../domain/Event.ts";
import { isForget } from "../domain/Forget.ts";
import { archiveAppId, rawEvents } from "../domain/TableSchemas.ts";
import { type DeadLetter, DeadLetters, type DeadLettersError } from "../ports/DeadLetters.ts";
import { EventLog, type EventLogError, type LogRecord } from "../ports/EventLog.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { archiverGroup, makeArchiveOffsets } from "./ArchiveOffsets.ts";
import type { Processing } from "./Processing.ts";
import { readRecord } from "./ReadRecord.ts";

export interface ArchiverSettings {
  readonly flushRows: number;
  readonly flushBytes: number;
  readonly flushAge: Duration.Duration;
  /** Told after each commit: its rows, and when, in Unix milliseconds. */
  readonly onCommit?: (rows: number, at: number) => void;
}

/** Another archiver was here first: what this one holds is dropped, and the partition starts over from the table. */
export class Superseded extends Schema.TaggedError<Superseded>()("Superseded", {
  partition: Schema.Int,
  message: Schema.String,
}) {}

export type ArchiverError = TableError | DeadLettersError | EventLogError | Superseded;

interface Row {
  readonly event: Event;
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
}

/** What one partition has accepted since its last commit. */
interface Buffer {
  readonly partition: number;
  readonly log: string;
  readonly rows: Array<Row>;
  bytes: number;
  /** First offset not in the table. */
  durable: bigint;
  /** First offset not accepted. */
  accepted: bigint;
  /** The version of the partition's txn action; undefined before the first. */
  transaction: bigint | undefined;
  superseded: boolean;
}

export const eventColumns = (log: string, rows: ReadonlyArray<Row>): ColumnBatch => ({
  rows: rows.length,
  columns: {
    t_dat: Int32Array.from(rows, ({ event }) => Math.floor(event.timestamp / 86_400)),
    customer_id: rows.map(({ event }) => event.userId),
    article_id: rows.map(({ event }) => event.itemId),
    price: rows.map(() => null),
    sales_channel_id: new Int32Array(rows.length).fill(2),
    event_type: rows.map(({ event }) => event.eventType),
    timestamp: Float64Array.from(rows, ({ event }) => event.timestamp),
    quantity: Int32Array.from(rows, ({ event }) => event.quantity),
    event_id: rows.map(({ event }) => event.eventId),
    user_idx: rows.map(({ event }) => event.userIdx ?? null),
    item_idx: rows.map(({ event }) => event.itemIdx ?? null),
    log_partition: Int32Array.from(rows, ({ partition }) => partition),
    log_offset: BigInt64Array.from(rows, ({ offset }) => offset),
    arrived_at: Float64Array.from(rows, ({ appendedAt }) => appendedAt),
    log_id: rows.map(() => log),
    recommendation_id: rows.map(({ event }) => event.recommendationId ?? null),
  },
});

/** Small files are merged when there are this many of them. */
export const compaction = { smallerThan: 16 * 1024 * 1024, minFiles: 32 };

export const archiver = (
  settings: ArchiverSettings,
): Effect.Effect<Processing<ArchiverError, never>, never, EventLog | Tables | DeadLetters> =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const tables = yield* Tables;
    const deadLetters = yield* DeadLetters;
    const buffers = new Map<number, Buffer>();
    const writing = yield* Effect.makeSemaphore(1);
    const offsets = yield* makeArchiveOffsets;
    const rowsHeld = () => [...buffers.values()].reduce((sum, { rows }) => sum + rows.length, 0);
    const bytesHeld = () => [...buffers.values()].reduce((sum, { bytes }) => sum + bytes, 0);

    /** Commits what every partition has accepted so far, in one commit. */
    const flushAll = Effect.gen(function* () {
      const taken = [...buffers.values()]
        .filter((buffer) => buffer.accepted > buffer.durable && !buffer.superseded)
        .map((buffer) => ({ buffer, rows: buffer.rows.slice(), bytes: buffer.bytes, next: buffer.accepted }));
      const [first] = taken;
      if (first === undefined) return;
      const rows = taken.flatMap((part) => part.rows);
      const transactions = taken.map(({ buffer, next }) => ({
        appId: archiveAppId(buffer.log, buffer.partition),
        expected: buffer.transaction,
        next,
      }));
      const batches = rows.length === 0 ? Stream.empty : Stream.make(eventColumns(first.buffer.log, rows));
      yield* tables.append(rawEvents.name, rawEvents.schema, batches, transactions).pipe(
        Effect.tapError((error) =>
          Effect.sync(() => {
            if (error.reason === "Stale") for (const { buffer } of taken) buffer.superseded = true;
          }),
        ),
      );
      for (const { buffer, rows, bytes, next } of taken) {
        buffer.rows.splice(0, rows.length);
        buffer.bytes -= bytes;
        buffer.durable = next;
        buffer.transaction = next;
      }
      settings.onCommit?.(rows.length, yield* Clock.currentTimeMillis);
      yield* tables
        .compact(rawEvents.name, compaction)
        .pipe(Effect.catchAll((error) => Effect.logWarning(`raw/events not compacted: ${error.message}`)));
    }).pipe(Effect.uninterruptible, writing.withPermits(1));

    const flush = (buffer: Buffer): Effect.Effect<bigint, ArchiverError> =>
      Effect.gen(function* () {
        if (buffer.accepted > buffer.durable) {
          yield* flushAll.pipe(
            Effect.catchIf(
              (error) => error.reason === "Stale",
              () => Effect.void,
            ),
          );
        }
        if (buffer.superseded) {
          return yield* new Superseded({
            partition: buffer.partition,
            message: `another archiver wrote partition ${buffer.partition} beyond offset ${buffer.durable}`,
          });
        }
        return buffer.durable;
      });

    const accept = (buffer: Buffer, records: ReadonlyArray<LogRecord>) =>
      Effect.gen(function* () {
        const { partition } = buffer;
        const rows: Array<Row> = [];
        const letters: Array<DeadLetter> = [];
        let bytes = 0;
        let { accepted } = buffer;
        for (const record of records) {
          const { appendedAt, offset, value } = record;
          if (offset < accepted) continue;
          const event = readRecord(buffer.log, partition, record);
          if (Either.isLeft(event)) {
            const letter = { log: buffer.log, consumer: archiverGroup, partition, offset, appendedAt, value };
            if (event.left !== undefined) letters.push({ ...letter, ...event.left });
          } else if (!isForget(event.right) && event.right.replayOf?.archived !== true) {
            rows.push({ event: event.right, partition, offset, appendedAt });
          }
          bytes += value.length;
          accepted = offset + 1n;
        }
        // Before anything counts as accepted: that is committed by the next flush of any partition.
        if (letters.length > 0) yield* deadLetters.append(letters);
        for (const row of rows) buffer.rows.push(row);
        buffer.bytes += bytes;
        buffer.accepted = accepted;
        if (rowsHeld() >= settings.flushRows || bytesHeld() >= settings.flushBytes) return yield* flush(buffer);
        return buffer.durable;
      });

    const open = (partition: number) =>
      Effect.gen(function* () {
        const identity = yield* log.identity;
        const transaction = (yield* offsets(identity)).get(partition);
        const from = transaction ?? 0n;
        const buffer: Buffer = {
          partition,
          log: identity,
          rows: [],
          bytes: 0,
          durable: from,
          accepted: from,
          transaction,
          superseded: false,
        };
        yield* Effect.acquireRelease(
          Effect.sync(() => buffers.set(partition, buffer)),
          () =>
            Effect.sync(() => {
              if (buffers.get(partition) === buffer) buffers.delete(partition);
            }),
        );
        return { from, apply: (records: ReadonlyArray<LogRecord>) => accept(buffer, records), flush: flush(buffer) };
      });

    return {
      name: "archiver",
      open,
      flushAge: settings.flushAge,
      // A table that a person must mend is waited for as well: what serves beside it goes on meanwhile.
      isTransient: (error) =>
        error._tag !== "Superseded" && (error._tag !== "EventLogError" || error.reason === "Unavailable"),
    };
  });
