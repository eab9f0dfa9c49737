/**
 * PartitionActor: the life of one assignment of one partition.
 *
 * After a failure the actor starts over with a new processor and a new inbox from the last durable offset: after a pause,
 * and only so often. An outage is waited out; it is over when something has become durable, or when there was nothing to
 * do for a while.
 *
 * It ends by `ending` (stop feeding → end marker → apply what was accepted → flush → commit) or by interruption (a lost
 * partition: nothing more is applied, nothing is committed).
 */
import { Cause, Clock, Deferred, Duration, Effect, Exit, Option, Random, Schema } from "effect";
import { pauseMillis } from "../ports/BackOff.ts";
import { EventLogError, type Subscription } from "../ports/EventLog.ts";
import { addTo, type GroupVitals, makePartition, type PartitionVitals, type VitalsService } from "../vitals/Vitals.ts";
import { outageOf } from "../vitals/Waiting.ts";
import { type Assignment, type IncarnationSettings, incarnation } from "./Incarnation.ts";
import type { Processing } from "./Processing.ts";

export interface ActorSettings extends IncarnationSettings {
  readonly maxRestarts: number;
  readonly restartWindow: Duration.Duration;
}

/** The partition failed more often than `MAX_RESTARTS` allows: the role gives up. */
export class PartitionFailed extends Schema.TaggedError<PartitionFailed>()("PartitionFailed", {
  role: Schema.String,
  partition: Schema.Int,
  restarts: Schema.Int,
  message: Schema.String,
  cause: Schema.Defect,
}) {}

/** Where an actor tells how it is. */
export interface Watch {
  readonly vitals: VitalsService;
  readonly group: GroupVitals;
}

const initialBackoff = Duration.millis(100);
const longestBackoff = Duration.seconds(10);

const hasReason = (error: unknown, reason: EventLogError["reason"]): error is EventLogError =>
  error instanceof EventLogError && error.reason === reason;

/** Runs the assignment to its end. Fails only when it gives up. */
export const runActor = <E extends { readonly _tag: string; readonly message: string }, R>(
  subscription: Subscription,
  assignment: Assignment,
  processing: Processing<E, R>,
  settings: ActorSettings,
  { group, vitals }: Watch,
): Effect.Effect<void, PartitionFailed, R> => {
  const { partition } = assignment;
  const label = `${processing.name} partition ${partition}`;
  const party = `${group.group} partition ${partition}`;
  const waiting = vitals.waiting(processing.name);
  const own = makePartition(partition, vitals.measured.batches(processing.name));
  const answered = Effect.suspend(() => {
    own.state = "running";
    own.reason = undefined;
    own.store = undefined;
    return waiting.end(party);
  });
  const failed = (state: PartitionVitals["state"], reason: string, store?: string) => {
    own.state = state;
    own.reason = reason;
    own.store = store;
    own.paused = false;
    // What was fetched and did not become durable is fetched again.
    own.fetched = undefined;
  };

  return Effect.gen(function* () {
    let restarts: ReadonlyArray<number> = [];
    let failuresInARow = 0;
    group.partitions.set(partition, own);
    while (true) {
      const started = yield* Clock.currentTimeMillis;
      const exit = yield* Effect.exit(incarnation(subscription, assignment, processing, settings, own, answered));
      if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) return;
      const failure = Option.getOrUndefined(Cause.failureOption(exit.cause));
      const reason = Cause.pretty(exit.cause).split("\n")[0];
      const now = yield* Clock.currentTimeMillis;
      failuresInARow = now - started > Duration.toMillis(longestBackoff) ? 1 : failuresInARow + 1;
      const pause = Duration.millis(
        Math.round(pauseMillis(failuresInARow, initialBackoff, longestBackoff, yield* Random.next)),
      );
      if (failure !== undefined && (hasReason(failure, "Unavailable") || processing.isTransient(failure as E))) {
        const outage = outageOf(failure);
        failed("waiting", failure.message, outage.store);
        yield* waiting.begin(party, outage);
      } else {
        failed("restarting", reason);
        own.restarts += 1;
        addTo(vitals.restarts, group.group, 1);
        restarts = [...restarts.filter((time) => now - time < Duration.toMillis(settings.restartWindow)), now];
        if (restarts.length > settings.maxRestarts) {
          return yield* new PartitionFailed({
            role: processing.name,
            partition,
            restarts: restarts.length,
            message: `${label} failed ${restarts.length} times within ${Duration.format(settings.restartWindow)}; last: ${reason}`,
            cause: Cause.squash(exit.cause),
          });
        }
        yield* Effect.logWarning(`${label} starts over in ${Duration.format(pause)}: ${reason}`);
      }
      const ended = yield* Deferred.await(assignment.ending).pipe(Effect.timeoutOption(pause));
      if (Option.isSome(ended)) return;
    }
  }).pipe(
    Effect.ensuring(
      Effect.suspend(() => {
        if (group.partitions.get(partition) === own) group.partitions.delete(partition);
        return waiting.leave(party);
      }),
    ),
  );
};
