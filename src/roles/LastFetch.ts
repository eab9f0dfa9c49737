/**
 * LastFetch: the wait, before an archiver is stopped, until it has fetched all that the log holds: what it has fetched it
 * writes before it ends, and what was accepted by then is in the archive.
 */
import { Clock, Duration, Effect, Schedule } from "effect";
import { EventLog } from "../ports/EventLog.ts";
import { archiverGroup } from "../stream/ArchiveOffsets.ts";
import { type PartitionVitals, Vitals } from "../vitals/Vitals.ts";

/** Longest wait for the last events, and longest time in which a partition is assigned to an archiver that joins alone. */
export const patience = Duration.seconds(10);

/** Whether all below `end` is fetched. Of what waits for an outage to end no more is to be had. */
const hasFetched = ({ fetched, state }: PartitionVitals, end: bigint): boolean =>
  state === "waiting" || (fetched !== undefined && fetched >= end);

/**
 * Waits for the archiver of this process, which was started at `begun` (Unix milliseconds). A partition that it does not own
 * is another process's matter, once it has had the time to be assigned it; until then it is waited for, unless whoever
 * owns it has archived all of it.
 */
export const lastFetch = (begun: number): Effect.Effect<void, never, EventLog> =>
  Effect.gen(function* () {
    const { groups } = yield* Vitals;
    const log = yield* EventLog;
    const ends = yield* log.endOffsets;
    const done = Effect.gen(function* () {
      const own = new Map(
        [...groups].flatMap(({ group, partitions }) => (group === archiverGroup ? [...partitions] : [])),
      );
      const strange: Array<number> = [];
      for (const [partition, end] of ends.entries()) {
        const vitals = own.get(partition);
        if (vitals === undefined) strange.push(partition);
        else if (!hasFetched(vitals, end)) return false;
      }
      if (strange.length === 0) return true;
      if ((yield* Clock.currentTimeMillis) - begun >= Duration.toMillis(patience)) return true;
      const committed = yield* log.committed(archiverGroup);
      return strange.every((partition) => (committed[partition] ?? 0n) >= (ends[partition] ?? 0n));
    });
    yield* Effect.repeat(done, { until: (all) => all, schedule: Schedule.spaced("25 millis") });
  }).pipe(Effect.interruptible, Effect.timeout(patience), Effect.ignore);
