/** Subscribe: a group's member behind the port: membership, polling and commits wired together. */
import { Array as Arr, Chunk, Deferred, Duration, Effect, Either, Queue, type Scope } from "effect";
import type { EventLogError, Signal, Subscription } from "../../../src/ports/EventLog.ts";
import type { KafkaService } from "../../engines/kafka/Client.ts";
import { released, toEventLogError } from "../../engines/kafka/KafkaFailure.ts";
import { makeNotifier } from "../Notifier.ts";
import { makeAssignment, type Poll } from "./Assignment.ts";
import { type CoordinatorOptions, makeCoordinator } from "./Coordinator.ts";
import { type Membership, runMembership } from "./Membership.ts";
import { runPoller } from "./Poller.ts";

interface Commit {
  readonly partition: number;
  readonly epoch: number;
  readonly next: bigint;
  readonly done: Deferred.Deferred<void, EventLogError>;
}

/** A member lets go in half of what the group waits for it, or more, but for the time in which it learns of the rebalance. */
const releaseTimeoutOf = ({ heartbeat, rebalanceTimeout }: KafkaService["settings"]): Duration.Duration => {
  const longest = Duration.toMillis(rebalanceTimeout);
  return Duration.millis(Math.max(longest / 2, longest - 2 * Duration.toMillis(heartbeat) - 5000));
};

export const subscribe = (
  kafka: KafkaService,
  partitions: number,
  nextEpoch: () => number,
  group: string,
  start: (partition: number) => bigint,
): Effect.Effect<Subscription, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { settings } = kafka;
    const connection = yield* kafka.connect;
    const options: CoordinatorOptions = { ...settings, group, partitions };
    const coordinator = makeCoordinator(connection, options);
    const shared = makeCoordinator(kafka.shared, options);
    const assignment = makeAssignment(nextEpoch, settings.fetchBytes);
    /** Room for two whole assignments and their releases. */
    const signals = yield* Queue.bounded<Signal>(4 * partitions);
    const wanting = makeNotifier();
    const arrived = makeNotifier();
    /** By epoch, until the next fetch. */
    const stuck = new Map<number, EventLogError>();

    const release = ({ done, epoch, partition }: Commit) =>
      Deferred.fail(done, released("commit", group, partition, epoch));
    /** One request for all that came while the last one was on its way. */
    const commitAll = (commits: ReadonlyArray<Commit>) =>
      Effect.gen(function* () {
        const member = membership.member();
        const [over, owned] = Arr.partition(
          commits,
          ({ epoch, partition }) => member !== undefined && assignment.mayCommit(partition, epoch),
        );
        yield* Effect.forEach(over, release, { discard: true });
        if (member === undefined || owned.length === 0) return;
        const positions = new Map(owned.map(({ next, partition }) => [partition, next]));
        const answer = yield* Effect.either(coordinator.commit(member, positions));
        if (Either.isRight(answer)) {
          yield* Effect.forEach(owned, ({ done }) => Deferred.succeed(done, undefined), { discard: true });
        } else if (answer.left.kind === "expelled" || answer.left.kind === "outdated") {
          yield* membership.refused(member, answer.left);
          yield* Effect.forEach(owned, release, { discard: true });
        } else {
          const error = toEventLogError(answer.left);
          yield* Effect.forEach(owned, ({ done }) => Deferred.fail(done, error), { discard: true });
        }
      }).pipe(Effect.ensuring(Effect.forEach(commits, release, { discard: true })));

    yield* runPoller({
      ...settings,
      group,
      partitions,
      connection,
      assignment,
      wanting,
      arrived,
      fail: ({ epoch }: Poll, error) => {
        stuck.set(epoch, error);
        arrived.notify();
      },
      isStuck: (epoch) => stuck.has(epoch),
    });

    const commits = yield* Effect.acquireRelease(Queue.bounded<Commit>(4 * partitions), (queue) =>
      Effect.flatMap(Queue.takeAll(queue), Effect.forEach(release)),
    );
    /** Forked before the membership, so that it ends after it: what is drained on closing is committed. */
    yield* Queue.takeBetween(commits, 1, 4 * partitions).pipe(
      Effect.flatMap((some) => commitAll(Chunk.toReadonlyArray(some))),
      Effect.forever,
      Effect.forkScoped,
    );

    const membership: Membership = yield* runMembership({
      ...settings,
      group,
      releaseTimeout: releaseTimeoutOf(settings),
      coordinator,
      leave: shared.leave,
      assignment,
      signals,
      changed: () => {
        arrived.notify();
        wanting.notify();
      },
    });

    const fetch: Subscription["fetch"] = (partition, epoch, from, max) =>
      Effect.gen(function* () {
        stuck.delete(epoch);
        while (true) {
          const seen = arrived.count();
          const taken = assignment.take(partition, epoch, from, max);
          if (taken === "released") return yield* released("fetch", group, partition, epoch);
          wanting.notify();
          if (taken.length > 0) return taken;
          const error = stuck.get(epoch);
          if (error !== undefined) return yield* error;
          yield* arrived.wait(seen);
        }
      });

    const commit: Subscription["commit"] = (partition, epoch, next) =>
      Effect.suspend(() => {
        if (!assignment.mayCommit(partition, epoch)) return released("commit", group, partition, epoch);
        return Effect.flatMap(Deferred.make<void, EventLogError>(), (done) =>
          Effect.zipRight(Queue.offer(commits, { partition, epoch, next, done }), Deferred.await(done)),
        );
      });

    return {
      signals,
      fetch,
      commit,
      position: (partition) =>
        shared.committed.pipe(
          Effect.mapBoth({
            onFailure: toEventLogError,
            onSuccess: (committed) => committed[partition] ?? start(partition),
          }),
        ),
    };
  });
