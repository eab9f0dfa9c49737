/**
 * Retention: deletes records that are old and that every consumer group has committed beyond.
 *
 * A group that was not seen for `retention`, and a week at least, counts as abandoned: a removed model's updater must not
 * keep events for ever. Only time in which the log was open counts (see `Awake.ts`): what a shop that was switched off for
 * a month has not applied yet is still there. A group without a position in a partition holds all of it.
 */
import { Clock, Duration, Effect, Schedule } from "effect";
import type { StoreError } from "../../engines/lmdb/StoreError.ts";
import { absences } from "./Awake.ts";
import type { LogParts } from "./Subscribe.ts";

/** Records deleted per transaction: a few milliseconds of the event loop. */
const slice = 2000;

const leastPatience = Duration.toMillis(Duration.weeks(1));

/** One pass over all partitions; answers how many records it deleted. */
export const trim = (parts: LogParts, retention: Duration.Duration): Effect.Effect<number, StoreError> =>
  Effect.gen(function* () {
    const { store, records, leases } = parts;
    const now = yield* Clock.currentTimeMillis;
    const age = Duration.toMillis(retention);
    const unseen = yield* store.write(() => absences(store, leases.seen(), now));
    let deleted = 0;

    const trimSlice = (partition: number) => () => {
      const groups = leases.seen().filter(({ group }) => (unseen.get(group) ?? 0) < Math.max(age, leastPatience));
      let floor = records.end(partition);
      for (const { group } of groups) {
        const position = records.position(group, partition) ?? 0n;
        if (position < floor) floor = position;
      }
      return records.trim(partition, now - age, floor, slice);
    };

    for (let partition = 0; partition < parts.partitions; partition++) {
      let count: number;
      do {
        count = yield* store.write(trimSlice(partition));
        deleted += count;
      } while (count === slice);
    }
    return deleted;
  });

/** Not for a command that looks something up and ends. */
const firstAfter = Duration.seconds(1);

/** Soon after the start, since a shop may restart its services often, and then every few minutes. Never ends; stopped by its owner's scope. */
export const keepTrimming = (parts: LogParts, retention: Duration.Duration): Effect.Effect<never> =>
  trim(parts, retention).pipe(
    Effect.tap((deleted) => (deleted > 0 ? Effect.logInfo(`Deleted ${deleted} events past RETENTION`) : Effect.void)),
    Effect.catchAll((error) => Effect.logWarning(`Deleting old events failed: ${error.message}`)),
    Effect.repeat(Schedule.jittered(Schedule.spaced("5 minutes"))),
    Effect.delay(firstAfter),
    Effect.zipRight(Effect.never),
  );
