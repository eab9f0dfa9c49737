/**
 * Appender: group commit. Calls that arrive while a transaction is being flushed share the next one, so that throughput
 * grows with the number of callers and each call stays atomic.
 */
import { Chunk, Clock, Deferred, Effect, Exit, Queue, type Scope } from "effect";
import { partitionOf } from "../../../src/domain/Partitioner.ts";
import { EventLogError, type EventLogService, type Position } from "../../../src/ports/EventLog.ts";
import type { StoreService } from "../../engines/lmdb/Store.ts";
import type { Notifier } from "../Notifier.ts";
import { unavailable } from "./EventLogErrors.ts";
import { type Records, stamped } from "./Records.ts";

/** Calls that share one transaction at most; as many wait in the queue before callers are held back. */
const groupSize = 256;

interface Call {
  readonly partitions: ReadonlyArray<number>;
  readonly values: ReadonlyArray<Buffer>;
  readonly positions: Deferred.Deferred<ReadonlyArray<Position>, EventLogError>;
}

const closing = new EventLogError({
  reason: "Unavailable",
  operation: "append",
  message: "The event log is closing",
});

/** The writing fiber ends with the scope; calls that it has not reached by then fail. */
export const makeAppender = (
  store: StoreService,
  records: Records,
  partitions: number,
  appended: Notifier,
): Effect.Effect<EventLogService["append"], never, Scope.Scope> =>
  Effect.gen(function* () {
    const calls = yield* Queue.bounded<Call>(groupSize);

    const write = (group: ReadonlyArray<Call>) => () => {
      const ends = new Map<number, bigint>();
      const answers = group.map((call) =>
        call.values.map((value, i): Position => {
          const partition = call.partitions[i]!;
          const offset = ends.get(partition) ?? records.end(partition);
          records.put(partition, offset, value);
          ends.set(partition, offset + 1n);
          return { partition, offset };
        }),
      );
      for (const [partition, end] of ends) records.setEnd(partition, end);
      return answers;
    };

    const writeGroup = (group: ReadonlyArray<Call>) =>
      store.write(write(group)).pipe(
        Effect.tap(() => Effect.sync(appended.notify)),
        Effect.mapError(unavailable("append")),
        Effect.exit,
        Effect.flatMap((exit) =>
          Effect.all(
            group.map((call, i) =>
              Deferred.done(
                call.positions,
                Exit.map(exit, (answers) => answers[i]!),
              ),
            ),
            { discard: true },
          ),
        ),
      );

    yield* Effect.uninterruptibleMask((restore) =>
      restore(Queue.takeBetween(calls, 1, groupSize)).pipe(
        Effect.map(Chunk.toReadonlyArray),
        Effect.flatMap(writeGroup),
      ),
    ).pipe(Effect.forever, Effect.forkScoped);

    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        for (const call of yield* Queue.takeAll(calls)) yield* Deferred.fail(call.positions, closing);
        yield* Queue.shutdown(calls);
      }),
    );

    return (entries) =>
      entries.length === 0
        ? Effect.succeed([])
        : Effect.gen(function* () {
            const now = yield* Clock.currentTimeMillis;
            const positions = yield* Deferred.make<ReadonlyArray<Position>, EventLogError>();
            yield* Queue.offer(calls, {
              partitions: entries.map((entry) => partitionOf(entry.key, partitions)),
              values: entries.map((entry) => stamped(entry.value, now)),
              positions,
            });
            return yield* Deferred.await(positions);
          });
  });
