/**
 * ArchiveOffsets: how far the table raw/events has got with the log that there is.
 *
 * Offsets of another log do not count. Those of version 0.1 are of no named log; where they are this log's, all of them are
 * taken over in one commit, before anything else is written under its name: there are either named ones or a decision to take.
 */
import { Effect, Stream } from "effect";
import { archiveAppId, archivedOffsets, archivedPartition, rawEvents } from "../domain/TableSchemas.ts";
import { EventLog, type EventLogError } from "../ports/EventLog.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { areOwn } from "./Unnamed.ts";

/** The consumer group of all archivers. */
export const archiverGroup = "archiver";

/** Per partition of the log, the first offset that is not in the table. */
export type ArchiveOffsets = (
  identity: string,
) => Effect.Effect<ReadonlyMap<number, bigint>, TableError | EventLogError>;

export const makeArchiveOffsets: Effect.Effect<ArchiveOffsets, never, EventLog | Tables> = Effect.gen(function* () {
  const log = yield* EventLog;
  const tables = yield* Tables;
  const asking = yield* Effect.makeSemaphore(1);
  let told = false;

  const progress = tables.snapshot(rawEvents.name).pipe(
    Effect.catchIf(
      (error) => error.reason === "NotFound",
      () => Effect.succeed({ transactions: new Map<string, bigint>(), writtenAt: 0 }),
    ),
  );

  const takeOver = (identity: string, offsets: ReadonlyMap<number, bigint>) => {
    const named = [...offsets].map(([partition, next]) => ({
      appId: archiveAppId(identity, partition),
      expected: undefined,
      next,
    }));
    return tables.append(rawEvents.name, rawEvents.schema, Stream.empty, named);
  };

  return (identity) =>
    Effect.gen(function* () {
      const { transactions, writtenAt } = yield* progress;
      const own = archivedOffsets(transactions, identity);
      if (own.size > 0) return own;
      const unnamed = archivedOffsets(transactions, "");
      const found = { offsets: unnamed, writtenAt: writtenAt / 1000, group: archiverGroup };
      if (unnamed.size > 0 && (yield* areOwn(found))) {
        yield* takeOver(identity, unnamed);
        return unnamed;
      }
      if (!told && [...transactions.keys()].some((appId) => archivedPartition(appId) !== undefined)) {
        told = true;
        yield* Effect.logWarning(
          `archiving event log ${identity} from its beginning: what is in raw/events so far is of another log`,
        );
      }
      return own;
    }).pipe(Effect.provideService(EventLog, log), asking.withPermits(1));
});
