/**
 * Subscribe: one subscription to the embedded log. It holds all partitions of its group, or waits for them.
 *
 * Who stops what. The fiber `life` waits for the lease, tells of the partitions, keeps the heart beating and starts over
 * when the lease is lost. Closing the scope: nothing more is fetched → every partition is released and its `done` awaited,
 * at most `drainTimeout`, while the heart goes on beating and commits are taken → `life` ends → the lease is given back.
 */
import { Clock, Deferred, type Duration, Effect, Fiber, Queue, Random, type Scope } from "effect";
import { EventLogError, type ReleaseReason, type Signal, type Subscription } from "../../../src/ports/EventLog.ts";
import type { StoreService } from "../../engines/lmdb/Store.ts";
import type { Notifier } from "../Notifier.ts";
import { released, unavailable } from "./EventLogErrors.ts";
import { expiryMillis, heartbeatMillis, type Leases } from "./Lease.ts";
import type { Records } from "./Records.ts";

export interface LogParts {
  readonly store: StoreService;
  readonly records: Records;
  readonly leases: Leases;
  readonly partitions: number;
  readonly drainTimeout: Duration.Duration;
  /** Notified when records were appended, by whichever process. */
  readonly appended: Notifier;
  /** Notified when a lease was given back, or when an ownership ended, in this process. */
  readonly ownership: Notifier;
}

/** What this member owns: partition p by epoch `first + p`. */
interface Ownership {
  readonly first: number;
  readonly phase: "owned" | "draining";
}

export const subscribe = (
  parts: LogParts,
  group: string,
  start: (partition: number) => bigint,
): Effect.Effect<Subscription, EventLogError, Scope.Scope> =>
  Effect.gen(function* () {
    const { store, records, leases, partitions, appended, ownership } = parts;
    const holder = yield* leases.holder;
    const numbers = Array.from({ length: partitions }, (_, partition) => partition);
    /** Room for two whole assignments and their releases. */
    const signals = yield* Queue.bounded<Signal>(4 * partitions);
    const gapsTold = new Set<number>();
    let owned: Ownership | undefined;
    let heldAt = 0;

    const take = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis;
      const free = yield* store.read(() => leases.isFree(group, now));
      if (!free) return false;
      const first = yield* store.write(() => leases.take(group, holder, now, () => records.takeEpochs(partitions)));
      if (first === undefined) return false;
      heldAt = now;
      owned = { first, phase: "owned" };
      return true;
    });

    /** Jittered, so that waiting processes do not ask in step; woken at once by a release in this process. */
    const acquire = Effect.gen(function* () {
      while (true) {
        const seen = ownership.count();
        const taken = yield* take.pipe(
          Effect.catchAll((error) =>
            Effect.as(Effect.logWarning(`Group ${group} cannot join: ${error.message}`), false),
          ),
        );
        if (taken) return;
        const pause = yield* Random.nextIntBetween(300, 700);
        yield* Effect.raceFirst(ownership.wait(seen), Effect.sleep(pause));
      }
    });

    const beat = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis;
      const held = yield* store.write(() => leases.beat(group, holder, now));
      if (held) heldAt = now;
      return held;
    }).pipe(
      Effect.catchAll((error) =>
        Effect.gen(function* () {
          yield* Effect.logWarning(`Group ${group} cannot renew its lease: ${error.message}`);
          return (yield* Clock.currentTimeMillis) - heldAt <= expiryMillis;
        }),
      ),
    );

    const hold = Effect.sleep(heartbeatMillis).pipe(Effect.zipRight(beat), Effect.repeat({ while: (held) => held }));

    /** Tells the owner of each partition to let go, and waits until all have, at most `drainTimeout`. */
    const release = (first: number, reason: ReleaseReason, of: ReadonlyArray<number>) =>
      Effect.gen(function* () {
        const dones = yield* Effect.forEach(of, (partition) =>
          Effect.gen(function* () {
            const done = yield* Deferred.make<void>();
            yield* Queue.offer(signals, { _tag: "Released", partition, epoch: first + partition, reason, done });
            return done;
          }),
        );
        yield* Effect.forEach(dones, Deferred.await, { discard: true });
      }).pipe(
        Effect.interruptible,
        Effect.timeoutOption(parts.drainTimeout),
        Effect.tap((drained) =>
          drained._tag === "None"
            ? Effect.logWarning(`Group ${group} did not let go of its partitions in time; going on without it`)
            : Effect.void,
        ),
      );

    const lose = Effect.suspend(() => {
      const before = owned;
      if (before === undefined || before.phase === "draining") return Effect.void;
      owned = undefined;
      ownership.notify();
      appended.notify();
      return Effect.logWarning(`Group ${group} lost its lease to another process`).pipe(
        Effect.zipRight(release(before.first, "lost", numbers)),
      );
    });

    const assign = Effect.suspend(() => {
      const first = owned?.first ?? 0;
      return Effect.forEach(
        numbers,
        (partition) => Queue.offer(signals, { _tag: "Assigned", partition, epoch: first + partition }),
        { discard: true },
      );
    });

    const life = yield* acquire.pipe(
      Effect.zipRight(Effect.raceFirst(Effect.zipRight(assign, Effect.never), hold)),
      Effect.zipRight(lose),
      Effect.forever,
      Effect.forkScoped,
    );

    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        const before = owned;
        if (before !== undefined) {
          owned = { ...before, phase: "draining" };
          appended.notify();
          // Whom the assignment has not reached has nothing to let go.
          const untold = Array.from(yield* Queue.takeAll(signals));
          const unaware = new Set(
            untold.filter((signal) => signal._tag === "Assigned").map((signal) => signal.epoch - before.first),
          );
          yield* release(
            before.first,
            "closed",
            numbers.filter((partition) => !unaware.has(partition)),
          );
        }
        yield* Fiber.interrupt(life);
        const now = yield* Clock.currentTimeMillis;
        owned = undefined;
        yield* store
          .write(() => leases.giveBack(group, holder, now))
          .pipe(Effect.catchAll((error) => Effect.logWarning(`Group ${group} kept its lease: ${error.message}`)));
        ownership.notify();
        yield* Queue.shutdown(signals);
      }),
    );

    const tellGap = (partition: number, from: bigint, first: bigint) => {
      gapsTold.add(partition);
      return Effect.logError(
        `Group ${group} lost events of partition ${partition}: offsets ${from} to ${first - 1n} were deleted ` +
          "by RETENTION before the group had read them; it goes on behind the gap",
      );
    };

    const beyondEnd = (partition: number, from: bigint, end: bigint) =>
      new EventLogError({
        reason: "Corrupt",
        operation: "fetch",
        message:
          `Partition ${partition} of the event log ends at offset ${end}, before ${from}, where group ${group} stands: ` +
          `acknowledged events are gone; restore ${store.path} from a backup, or move it away to start with a new log`,
      });

    const fetch: Subscription["fetch"] = (partition, epoch, from, max) =>
      Effect.gen(function* () {
        while (true) {
          const seen = appended.count();
          if (owned?.phase !== "owned" || owned.first + partition !== epoch) {
            return yield* released("fetch", group, partition, epoch);
          }
          const found = yield* store
            .read(() => ({
              held: leases.holds(group, holder),
              first: records.start(partition),
              end: records.end(partition),
              batch: records.from(partition, from, max),
            }))
            .pipe(Effect.mapError(unavailable("fetch")));
          if (!found.held) return yield* released("fetch", group, partition, epoch);
          if (from > found.end) return yield* beyondEnd(partition, from, found.end);
          if (from < found.first && !gapsTold.has(partition)) yield* tellGap(partition, from, found.first);
          if (found.batch.length > 0) return found.batch;
          yield* appended.wait(seen);
        }
      });

    const commit: Subscription["commit"] = (partition, epoch, next) =>
      store
        .write(() => {
          if (owned === undefined || owned.first + partition !== epoch || !leases.holds(group, holder)) return false;
          records.setPosition(group, partition, next);
          return true;
        })
        .pipe(
          Effect.mapError(unavailable("commit")),
          Effect.flatMap((held) => (held ? Effect.void : Effect.fail(released("commit", group, partition, epoch)))),
        );

    return {
      signals,
      fetch,
      commit,
      position: (partition) =>
        store
          .read(() => records.position(group, partition))
          .pipe(
            Effect.mapError(unavailable("position")),
            Effect.map((position) => position ?? start(partition)),
          ),
    };
  });
