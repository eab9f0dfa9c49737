/**
 * Incarnation: one run of an assignment, from the last durable offset to its end or its first failure.
 *
 * A feeder fiber fetches into a bounded inbox; the actor's fiber takes batches from it, has the processor apply them and
 * commits what is durable. A full inbox blocks the feeder, so nothing more is fetched: that is the backpressure.
 */
import { Clock, Deferred, Duration, Effect, Fiber, Option, Queue, Schema } from "effect";
import type { EventLogError, LogRecord, Subscription } from "../ports/EventLog.ts";
import type { PartitionProcessor, Processing } from "./Processing.ts";
import type { PartitionVitals } from "./Vitals.ts";

export interface IncarnationSettings {
  readonly inbox: number;
  readonly batchSize: number;
  readonly stallTimeout: Duration.Duration;
}

export interface Assignment {
  readonly partition: number;
  readonly epoch: number;
  readonly ending: Deferred.Deferred<void>;
}

/** The partition stood still although there were records to apply. */
export class Stalled extends Schema.TaggedError<Stalled>()("Stalled", {
  partition: Schema.Int,
  message: Schema.String,
}) {}

type Message =
  | { readonly _tag: "Batch"; readonly records: ReadonlyArray<LogRecord> }
  | { readonly _tag: "Failed"; readonly error: EventLogError }
  | { readonly _tag: "End" };

/** With nothing to do for this long, what was away counts as back. */
const quiet = Duration.seconds(5);

/** How far an incarnation is. */
interface Progress {
  accepted: bigint;
  durable: bigint;
  busy: boolean;
}

/** Fetches from `from` on until interrupted; a failure is the last message. */
const feed = (
  subscription: Subscription,
  { partition, epoch }: Assignment,
  from: bigint,
  batchSize: number,
  inbox: Queue.Enqueue<Message>,
): Effect.Effect<void> =>
  Effect.iterate(from, {
    while: () => true,
    body: (offset) =>
      subscription.fetch(partition, epoch, offset, batchSize).pipe(
        Effect.tap((records) => Queue.offer(inbox, { _tag: "Batch", records })),
        Effect.map((records) => records[records.length - 1].offset + 1n),
      ),
  }).pipe(Effect.catchAll((error) => Queue.offer(inbox, { _tag: "Failed", error })));

interface Work<E> {
  readonly subscription: Subscription;
  readonly assignment: Assignment;
  readonly processor: PartitionProcessor<E>;
  readonly inbox: Queue.Dequeue<Message>;
  readonly flushAge: Duration.Duration | undefined;
  readonly stallTimeout: Duration.Duration;
  readonly progress: Progress;
  /** Told when something has become durable. */
  readonly proven: Effect.Effect<void>;
}

/** The position is a hint: the store alone says what was applied, so a failed commit costs a redelivery at most. */
const tellPosition = (
  subscription: Subscription,
  { partition, epoch }: Pick<Assignment, "partition" | "epoch">,
  next: bigint,
): Effect.Effect<void> =>
  subscription
    .commit(partition, epoch, next)
    .pipe(Effect.catchAll((error) => Effect.logDebug(`position ${next} not committed: ${error.message}`)));

/** Takes from the inbox until the end marker, flushing whatever has waited for `flushAge`. */
const work = <E>({
  subscription,
  assignment: { partition, epoch },
  processor,
  inbox,
  flushAge,
  stallTimeout,
  progress,
  proven,
}: Work<E>): Effect.Effect<void, E | EventLogError | Stalled> =>
  Effect.gen(function* () {
    let waitingSince: number | undefined;

    const settle = (step: Effect.Effect<bigint, E>) =>
      Effect.gen(function* () {
        progress.busy = true;
        const next = yield* step.pipe(
          Effect.timeoutFail({
            duration: stallTimeout,
            onTimeout: () =>
              new Stalled({
                partition,
                message: `partition ${partition} did not move beyond offset ${progress.durable} for ${Duration.format(stallTimeout)}`,
              }),
          }),
        );
        progress.busy = false;
        if (next > progress.durable) {
          progress.durable = next;
          yield* proven;
          yield* tellPosition(subscription, { partition, epoch }, next);
        }
        if (progress.durable >= progress.accepted) waitingSince = undefined;
        else waitingSince ??= yield* Clock.currentTimeMillis;
      });

    const take = Effect.suspend(() => {
      if (flushAge === undefined || waitingSince === undefined) {
        return Effect.asSome(Queue.take(inbox));
      }
      const due = waitingSince + Duration.toMillis(flushAge);
      return Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.timeoutOption(Queue.take(inbox), Duration.millis(Math.max(0, due - now))),
      );
    });

    while (true) {
      const message = yield* take;
      if (Option.isNone(message)) {
        yield* settle(processor.flush);
      } else if (message.value._tag === "Batch") {
        const { records } = message.value;
        progress.accepted = records[records.length - 1].offset + 1n;
        yield* settle(processor.apply(records));
      } else if (message.value._tag === "Failed") {
        return yield* message.value.error;
      } else {
        return yield* settle(processor.flush);
      }
    }
  });

/** Ends when all that was accepted before `ending` is applied. `answered` is told when the stores have proven to be there. */
export const incarnation = <E, R>(
  subscription: Subscription,
  assignment: Assignment,
  processing: Processing<E, R>,
  settings: IncarnationSettings,
  vitals: PartitionVitals,
  answered: Effect.Effect<void>,
): Effect.Effect<void, E | EventLogError | Stalled, R> =>
  Effect.gen(function* () {
    const processor = yield* processing.open(assignment.partition);
    const progress: Progress = { accepted: processor.from, durable: processor.from, busy: false };
    vitals.next = processor.from;
    // Whoever owned the partition before may have died between the store and the commit.
    if (processor.from > 0n) yield* Effect.forkScoped(tellPosition(subscription, assignment, processor.from));
    const proven = Effect.suspend(() => {
      vitals.next = progress.durable;
      return answered;
    });
    const idle = () => !progress.busy && progress.durable >= progress.accepted;
    yield* Effect.forkScoped(
      Effect.delay(
        Effect.suspend(() => (idle() ? proven : Effect.void)),
        quiet,
      ),
    );
    const inbox = yield* Queue.bounded<Message>(settings.inbox);
    const feeder = yield* Effect.forkScoped(feed(subscription, assignment, processor.from, settings.batchSize, inbox));
    yield* Effect.forkScoped(
      Deferred.await(assignment.ending).pipe(
        Effect.zipRight(Fiber.interrupt(feeder)),
        Effect.zipRight(Queue.offer(inbox, { _tag: "End" })),
      ),
    );
    const { flushAge } = processing;
    const { stallTimeout } = settings;
    yield* work({ subscription, assignment, processor, inbox, flushAge, stallTimeout, progress, proven });
  }).pipe(Effect.scoped);
