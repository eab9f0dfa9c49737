/**
 * Incarnation: one run of an assignment, from the last durable offset to its end or its first failure.
 *
 * A feeder fiber fetches into a bounded inbox; the actor's fiber takes batches from it, has the processor apply them and
 * commits what is durable. A full inbox blocks the feeder, so nothing more is fetched: that is the backpressure.
 */
import { Clock, Deferred, Duration, Effect, Fiber, Option, Queue, Schema, type Scope } from "effect";
import type { EventLogError, LogRecord, Subscription } from "../ports/EventLog.ts";
import { othersFirst } from "../vitals/OthersFirst.ts";
import type { PartitionVitals } from "../vitals/Vitals.ts";
import type { PartitionProcessor, Processing } from "./Processing.ts";

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
  | { readonly _tag: "Due" }
  | { readonly _tag: "Failed"; readonly error: EventLogError }
  | { readonly _tag: "End" };

/** With nothing to do for this long, what was away counts as back. */
const quiet = Duration.seconds(5);

/** So many are applied in a turn of their own, so that requests wait for one batch, not for those of all partitions. */
const manyRecords = 32;

/** How far an incarnation is. */
interface Progress {
  accepted: bigint;
  durable: bigint;
  busy: boolean;
}

/**
 * Fetches from `from` on until interrupted; a failure is the last message. That the partition is released is none: the log
 * ends the fetches of a partition that is to be let go, and whoever owns it is told by a signal, which may come later.
 */
const feed = (
  subscription: Subscription,
  { partition, epoch }: Assignment,
  from: bigint,
  batchSize: number,
  inbox: Queue.Enqueue<Message>,
  vitals: PartitionVitals,
): Effect.Effect<void> =>
  Effect.iterate(from, {
    while: () => true,
    body: (offset) => {
      vitals.fetched = offset;
      return subscription.fetch(partition, epoch, offset, batchSize).pipe(
        Effect.tap((records) => {
          vitals.paused = Option.contains(inbox.unsafeSize(), inbox.capacity());
          return Queue.offer(inbox, { _tag: "Batch", records });
        }),
        Effect.map((records) => {
          vitals.paused = false;
          return records[records.length - 1].offset + 1n;
        }),
      );
    },
  }).pipe(
    Effect.catchAll((error) =>
      error.reason === "Released" ? Effect.void : Queue.offer(inbox, { _tag: "Failed", error }),
    ),
  );

interface Work<E> {
  readonly subscription: Subscription;
  readonly assignment: Assignment;
  readonly processor: PartitionProcessor<E>;
  readonly inbox: Queue.Queue<Message>;
  readonly flushAge: Duration.Duration | undefined;
  readonly stallTimeout: Duration.Duration;
  readonly progress: Progress;
  readonly vitals: PartitionVitals;
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

/**
 * Takes from the inbox until the end marker, flushing whatever has waited for `flushAge`. That it is due is a message like
 * any other: a take that raced with a timer would lose a batch whenever both end in the same turn.
 */
const work = <E>({
  subscription,
  assignment: { partition, epoch },
  processor,
  inbox,
  flushAge,
  stallTimeout,
  progress,
  vitals,
  proven,
}: Work<E>): Effect.Effect<void, E | EventLogError | Stalled, Scope.Scope> =>
  Effect.gen(function* () {
    let waitingSince: number | undefined;
    let timing = false;

    const tellWhenDue = (age: Duration.Duration, since: number) =>
      Effect.gen(function* () {
        timing = true;
        const left = since + Duration.toMillis(age) - (yield* Clock.currentTimeMillis);
        const due = Queue.offer(inbox, { _tag: "Due" });
        yield* Effect.forkScoped(Effect.delay(due, Duration.millis(Math.max(1, left))));
      });

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
        if (progress.durable >= progress.accepted) {
          waitingSince = undefined;
        } else {
          waitingSince ??= yield* Clock.currentTimeMillis;
          if (flushAge !== undefined && !timing) yield* tellWhenDue(flushAge, waitingSince);
        }
      });

    while (true) {
      const message = yield* Queue.take(inbox);
      if (message._tag === "Batch") {
        progress.accepted = message.records[message.records.length - 1].offset + 1n;
        if (message.records.length >= manyRecords) yield* othersFirst;
        yield* settle(processor.apply(message.records));
        vitals.records += message.records.length;
        vitals.batches.update(message.records.length);
      } else if (message._tag === "Due") {
        timing = false;
        if (flushAge === undefined || waitingSince === undefined) continue;
        const age = (yield* Clock.currentTimeMillis) - waitingSince;
        if (age >= Duration.toMillis(flushAge)) yield* settle(processor.flush);
        else yield* tellWhenDue(flushAge, waitingSince);
      } else if (message._tag === "Failed") {
        // The log may stay unreadable for long: what came before is not held, and taken anew by each attempt, meanwhile.
        yield* settle(processor.flush);
        return yield* message.error;
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
    const feeder = yield* Effect.forkScoped(
      feed(subscription, assignment, processor.from, settings.batchSize, inbox, vitals),
    );
    yield* Effect.forkScoped(
      Deferred.await(assignment.ending).pipe(
        Effect.zipRight(
          Effect.sync(() => {
            vitals.draining = true;
          }),
        ),
        Effect.zipRight(Fiber.interrupt(feeder)),
        Effect.zipRight(Queue.offer(inbox, { _tag: "End" })),
      ),
    );
    const { flushAge } = processing;
    const { stallTimeout } = settings;
    yield* work({ subscription, assignment, processor, inbox, flushAge, stallTimeout, progress, vitals, proven });
  }).pipe(Effect.scoped);
