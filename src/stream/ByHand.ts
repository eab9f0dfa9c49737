/**
 * ByHand: partitions archived for a while by this process itself, where another engine cannot read on: what retention has
 * deleted, a damaged batch and a log that lost events are told and passed over, or not, as by the archiver that has no engine.
 */
import { Effect } from "effect";
import { EventLog, EventLogError, type Subscription } from "../ports/EventLog.ts";
import type { PartitionProcessor, Processing } from "./Processing.ts";

export interface HandSettings {
  /** Records after which the engine may try again. */
  readonly flushRows: number;
  readonly batchSize: number;
}

/** A broker that is asked for what it has, and says nothing for so long, is away. */
const patience = "20 seconds";

const silent = (partition: number) =>
  new EventLogError({
    reason: "Unavailable",
    operation: "fetch",
    message: `partition ${partition} was not read for ${patience}`,
  });

/** Archives what each partition holds now, up to so many records, and tells its position. */
export const archiveByHand = <E>(
  subscription: Subscription,
  owned: ReadonlyMap<number, number>,
  processing: Processing<E, never>,
  { batchSize, flushRows }: HandSettings,
): Effect.Effect<void, E | EventLogError, EventLog> =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const ends = yield* log.endOffsets;

    const advance = (partition: number, epoch: number, processor: PartitionProcessor<E>) =>
      Effect.gen(function* () {
        const end = ends[partition] ?? 0n;
        let next = processor.from;
        let left = flushRows;
        // A position beyond the end is one that the log has to explain.
        while (left > 0 && (next < end || (next > end && next === processor.from))) {
          const records = yield* subscription
            .fetch(partition, epoch, next, Math.min(left, batchSize))
            .pipe(Effect.timeoutFail({ duration: patience, onTimeout: () => silent(partition) }));
          yield* processor.apply(records);
          left -= records.length;
          next = records[records.length - 1].offset + 1n;
        }
        const durable = yield* processor.flush;
        yield* Effect.ignore(subscription.commit(partition, epoch, durable));
      });

    yield* Effect.forEach(
      owned,
      ([partition, epoch]) =>
        processing.open(partition).pipe(
          Effect.flatMap((processor) => advance(partition, epoch, processor)),
          Effect.scoped,
        ),
      { discard: true },
    );
  });
