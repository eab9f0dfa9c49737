/**
 * EngineArchiver: the archive of the partitions that this process owns, read by another engine in micro-batches.
 *
 * It is a member of the archivers' group as any other, so partitions are shared and handed over as among those, and whoever
 * has them goes on where the table stands. Of another owner's commits it learns as they do: its own is stale then.
 *
 * Who stops it: closing the scope closes the subscription, which releases every partition; the micro-batch that is being taken
 * is, what the engine was about to hand over is left to the next owner. The control fiber, and with it the engine, ends last,
 * since it was forked before.
 */
import { Chunk, Deferred, Effect, Queue, type Scope } from "effect";
import type { DeadLetters } from "../ports/DeadLetters.ts";
import { EventLog, type EventLogError, type Signal, type Subscription } from "../ports/EventLog.ts";
import type { MicroBatches } from "../ports/MicroBatches.ts";
import type { Tables } from "../ports/Tables.ts";
import { patiently } from "../vitals/Waiting.ts";
import { archiverGroup } from "./ArchiveOffsets.ts";
import { type EngineError, type EngineSettings, makeEngineRun, type Owned, party } from "./EngineRun.ts";
import type { Watch } from "./PartitionActor.ts";
import { watchGroup } from "./Supervisor.ts";

/** In which the signals of one assignment come. */
const together = "100 millis";

const gathered = (signals: Queue.Dequeue<Signal>): Effect.Effect<ReadonlyArray<Signal>> =>
  Effect.gen(function* () {
    const first = yield* Queue.take(signals);
    if (first._tag === "Assigned") yield* Effect.sleep(together);
    return [first, ...Chunk.toReadonlyArray(yield* Queue.takeAll(signals))];
  });

/** Takes signals for as long as it lives; in between, what is owned is archived. */
const control = (
  subscription: Subscription,
  run: (subscription: Subscription, owned: Owned) => Effect.Effect<never, EngineError>,
  watch: Watch,
  failure: Deferred.Deferred<never, EngineError>,
): Effect.Effect<never> =>
  Effect.gen(function* () {
    const owned = new Map<number, number>();
    const archive = Effect.suspend(() => (owned.size === 0 ? Effect.never : run(subscription, new Map(owned)))).pipe(
      Effect.tapErrorCause((cause) => Deferred.failCause(failure, cause)),
      // The role ends; until then there are signals to answer.
      Effect.catchAllCause(() => Effect.never),
    );
    while (true) {
      const archiving = (yield* Deferred.isDone(failure)) ? Effect.never : archive;
      // Once there are signals the other has let go: its last commit is over.
      for (const signal of yield* Effect.raceFirst(gathered(subscription.signals), archiving)) {
        if (signal._tag === "Assigned") {
          owned.set(signal.partition, signal.epoch);
          continue;
        }
        if (owned.get(signal.partition) === signal.epoch) {
          owned.delete(signal.partition);
          watch.group.partitions.delete(signal.partition);
        }
        yield* Deferred.succeed(signal.done, undefined);
      }
      if (owned.size === 0) yield* watch.vitals.waiting("archiver").leave(party);
    }
  });

/** Archives until the scope closes. Fails when there is no engine, and when it fails too often. */
export const archiveByEngine = (
  settings: EngineSettings,
): Effect.Effect<never, EngineError, EventLog | Tables | DeadLetters | MicroBatches | Scope.Scope> =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const watch = yield* watchGroup(archiverGroup, "archiver");
    const run = yield* makeEngineRun(settings, watch);
    const failure = yield* Deferred.make<never, EngineError>();
    const subscribed = yield* Deferred.make<Subscription>();
    yield* Deferred.await(subscribed).pipe(
      Effect.flatMap((subscription) => control(subscription, run, watch, failure)),
      Effect.forkScoped,
    );
    const subscription = yield* patiently(
      watch.vitals.waiting("archiver"),
      archiverGroup,
      (error: EventLogError) => error.reason === "Unavailable",
      log.subscribe(archiverGroup, () => 0n),
    );
    yield* Deferred.succeed(subscribed, subscription);
    return yield* Deferred.await(failure);
  });
