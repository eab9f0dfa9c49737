/**
 * Supervisor: the one control fiber that owns a consumer group's assignment.
 *
 * Contract: at most one actor per partition at any time, a new one for each epoch; a release is answered (`done`) when
 * its actor has let go, at the latest after the drain timeout; a failure that an actor escalates ends the role. A log that
 * is away is waited for.
 *
 * Who stops it: closing the scope closes the subscription, which releases every partition (reason `closed`) and waits
 * for the drains; only then is the control fiber interrupted, since it was forked before.
 */
import { Deferred, type Duration, Effect, Exit, Fiber, Queue, type Scope } from "effect";
import { EventLog, type EventLogError, type Signal, type Subscription } from "../ports/EventLog.ts";
import { type GroupVitals, Vitals } from "../vitals/Vitals.ts";
import { patiently } from "../vitals/Waiting.ts";
import type { Assignment } from "./Incarnation.ts";
import { type ActorSettings, type PartitionFailed, runActor, type Watch } from "./PartitionActor.ts";
import type { Processing } from "./Processing.ts";

export interface SupervisorSettings extends ActorSettings {
  readonly drainTimeout: Duration.Duration;
}

export interface SuperviseOptions<E, R> {
  readonly group: string;
  /** The first offset of a partition without a committed position. */
  readonly start: (partition: number) => bigint;
  readonly processing: Processing<E, R>;
  readonly settings: SupervisorSettings;
}

interface Running {
  readonly assignment: Assignment;
  readonly fiber: Fiber.RuntimeFiber<void, PartitionFailed>;
}

/** Shows the group among the vitals until the scope closes. */
export const watchGroup = (group: string, role: string): Effect.Effect<Watch, never, Scope.Scope> =>
  Effect.flatMap(Vitals, (vitals) => {
    const own: GroupVitals = { group, role, partitions: new Map() };
    return Effect.acquireRelease(
      Effect.sync(() => {
        vitals.groups.add(own);
        return { vitals, group: own };
      }),
      () => Effect.sync(() => vitals.groups.delete(own)),
    );
  });

/** Joins the group and runs an actor per assigned partition until the scope closes. Fails when an actor gives up. */
export const supervise = <E extends { readonly _tag: string; readonly message: string }, R>(
  options: SuperviseOptions<E, R>,
): Effect.Effect<never, PartitionFailed | EventLogError, EventLog | R | Scope.Scope> =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const watch = yield* watchGroup(options.group, options.processing.name);
    const failure = yield* Deferred.make<never, PartitionFailed>();
    const subscribed = yield* Deferred.make<Subscription>();
    yield* Deferred.await(subscribed).pipe(
      Effect.flatMap((subscription) => control(subscription, options, watch, failure)),
      Effect.forkScoped,
    );
    const subscription = yield* patiently(
      watch.vitals.waiting(options.processing.name),
      options.group,
      (error: EventLogError) => error.reason === "Unavailable",
      log.subscribe(options.group, options.start),
    );
    yield* Deferred.succeed(subscribed, subscription);
    return yield* Deferred.await(failure);
  });

/** Takes signals one by one for as long as it lives; it is interrupted after the subscription has closed. */
const control = <E extends { readonly _tag: string; readonly message: string }, R>(
  subscription: Subscription,
  { processing, settings }: SuperviseOptions<E, R>,
  watch: Watch,
  failure: Deferred.Deferred<never, PartitionFailed>,
): Effect.Effect<never, never, R> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope;
    const running = new Map<number, Running>();

    /** A release that goes on is waited for; an epoch that ended without one is over. */
    const over = ({ assignment, fiber }: Running) =>
      Effect.flatMap(Deferred.isDone(assignment.ending), (ending) =>
        ending ? Fiber.await(fiber) : Fiber.interrupt(fiber),
      );

    const assign = (partition: number, epoch: number) =>
      Effect.gen(function* () {
        const previous = running.get(partition);
        const assignment = { partition, epoch, ending: yield* Deferred.make<void>() };
        const fiber = yield* (previous === undefined ? Effect.void : over(previous)).pipe(
          Effect.zipRight(runActor(subscription, assignment, processing, settings, watch)),
          Effect.tapErrorCause((cause) => Deferred.failCause(failure, cause)),
          Effect.forkIn(scope),
        );
        running.set(partition, { assignment, fiber });
      });

    const letGo = ({ assignment, fiber }: Running, lost: boolean) =>
      lost
        ? Fiber.interrupt(fiber)
        : Deferred.succeed(assignment.ending, undefined).pipe(
            Effect.zipRight(Fiber.await(fiber)),
            Effect.timeoutTo({
              duration: settings.drainTimeout,
              onSuccess: () => Effect.void,
              onTimeout: () =>
                Effect.logWarning(
                  `${processing.name} partition ${assignment.partition} was not drained in time; what is left is applied by its next owner`,
                ).pipe(Effect.zipRight(Fiber.interrupt(fiber))),
            }),
            Effect.flatten,
          );

    const handle = (signal: Signal) => {
      if (signal._tag === "Assigned") return assign(signal.partition, signal.epoch);
      const current = running.get(signal.partition);
      if (current?.assignment.epoch !== signal.epoch) return Deferred.succeed(signal.done, undefined);
      // Masked, so that the answer is given even if the fiber is interrupted before it has begun.
      return Effect.uninterruptibleMask((restore) =>
        restore(letGo(current, signal.reason === "lost")).pipe(
          Effect.ensuring(
            Effect.suspend(() => {
              if (running.get(signal.partition) === current) running.delete(signal.partition);
              return Deferred.done(signal.done, Exit.void);
            }),
          ),
          Effect.forkIn(scope),
        ),
      );
    };

    // What nobody will handle any more is answered: its actor ends with the scope.
    yield* Effect.addFinalizer(() =>
      Effect.flatMap(Queue.takeAll(subscription.signals), (signals) =>
        Effect.forEach(signals, (signal) =>
          signal._tag === "Released" ? Deferred.succeed(signal.done, undefined) : Effect.void,
        ),
      ).pipe(Effect.exit),
    );
    return yield* Effect.forever(Effect.flatMap(subscription.signals, handle));
  }).pipe(Effect.scoped);
