/**
 * Membership: the one control fiber of a subscription. It joins the group, tells of the assignment, beats, and lets go.
 *
 * A rebalance is eager: all partitions are let go before the member joins again. On `revoked` and `closed`: nothing more is
 * handed out → Released is told → commits are taken and the heart beats until every `done`, at most `releaseTimeout` →
 * the epochs end → join, or leave. On `lost` the epochs end first. A member also gives its partitions up by itself when no
 * beat was answered for the session timeout: by then the group has given them to somebody else.
 *
 * Who stops it: the scope's finalizer asks it to close and waits for it, at most `releaseTimeout` and a moment.
 */
import { Clock, Deferred, Duration, Effect, Fiber, Option, Queue, type Scope } from "effect";
import { backOff } from "../../../src/ports/BackOff.ts";
import type { ReleaseReason, Signal } from "../../../src/ports/EventLog.ts";
import type { KafkaFailure } from "../../engines/kafka/KafkaFailure.ts";
import type { Assignment, Owned } from "./Assignment.ts";
import type { Coordinator, Member } from "./Coordinator.ts";

export interface MembershipOptions {
  readonly group: string;
  readonly heartbeat: Duration.Duration;
  readonly sessionTimeout: Duration.Duration;
  readonly releaseTimeout: Duration.Duration;
  readonly coordinator: Pick<Coordinator, "join" | "heartbeat">;
  /** By another connection: the member's own may be waiting for a join. */
  readonly leave: Coordinator["leave"];
  readonly assignment: Assignment;
  readonly signals: Queue.Queue<Signal>;
  /** Called after each change of what is held. */
  readonly changed: () => void;
}

export interface Membership {
  /** Of the generation that owns what the assignment holds. */
  readonly member: () => Member | undefined;
  /** Another request of this member was answered by `expelled` or `outdated`. */
  readonly refused: (member: Member, error: KafkaFailure) => Effect.Effect<void>;
}

/** A join that is on its way gets this long, so that the member can leave instead of having to be missed. */
const farewell = Duration.seconds(3);

type Ending = "revoked" | "lost" | "closed";

export const runMembership = (options: MembershipOptions): Effect.Effect<Membership, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { assignment, changed, coordinator, group, leave, releaseTimeout, signals } = options;
    const session = Duration.toMillis(options.sessionTimeout);
    const closing = yield* Deferred.make<void>();
    let member: Member | undefined;
    let memberId = "";
    let expulsion = yield* Deferred.make<void>();

    const forget = (error: KafkaFailure) =>
      Effect.sync(() => {
        if (error.kind === "expelled") memberId = "";
      });

    /** Until it succeeds. A member id that was given stays ours until the group denies it. */
    const join = Effect.suspend(() =>
      coordinator.join(memberId, (given) => {
        memberId = given;
      }),
    ).pipe(
      Effect.tapError(forget),
      Effect.retry({ while: ({ kind }) => kind === "rebalancing" || kind === "expelled" }),
      Effect.tapError(({ message }) => Effect.logDebug(`Group ${group} not joined yet: ${message}`)),
      Effect.retry(backOff("100 millis", "5 seconds")),
      // Of a schedule without an end nothing is left to fail.
      Effect.orDie,
    );

    /** Ends with what the group wants; one beat that fails is no verdict, a session without any is. */
    const beat = (current: Member, whileDraining: boolean): Effect.Effect<Ending> =>
      Effect.gen(function* () {
        let heard = yield* Clock.currentTimeMillis;
        let wait = options.heartbeat;
        while (true) {
          yield* Effect.sleep(wait);
          const left = heard + session - (yield* Clock.currentTimeMillis);
          if (left <= 0) return "lost";
          const answer = yield* coordinator
            .heartbeat(current)
            .pipe(Effect.timeoutOption(Duration.millis(left)), Effect.either);
          if (answer._tag === "Right" && Option.isSome(answer.right)) {
            heard = yield* Clock.currentTimeMillis;
            wait = options.heartbeat;
          } else if (answer._tag === "Left" && answer.left.kind === "rebalancing") {
            if (!whileDraining) return "revoked";
            heard = yield* Clock.currentTimeMillis;
            wait = options.heartbeat;
          } else if (answer._tag === "Left" && (answer.left.kind === "expelled" || answer.left.kind === "outdated")) {
            yield* forget(answer.left);
            return "lost";
          } else {
            wait = Duration.times(options.heartbeat, 0.25);
          }
        }
      });

    const tell = (owned: ReadonlyArray<Owned>, reason: ReleaseReason) =>
      Effect.gen(function* () {
        const told = yield* Effect.forEach(owned, (one) =>
          Effect.map(Deferred.make<void>(), (done) => ({ ...one, done })),
        );
        const release = Effect.gen(function* () {
          for (const { done, epoch, partition } of told) {
            yield* Queue.offer(signals, { _tag: "Released", partition, epoch, reason, done });
          }
          for (const one of told) {
            yield* Deferred.await(one.done);
            assignment.end(one);
          }
        });
        const finished = yield* Effect.timeoutOption(release, releaseTimeout);
        if (Option.isNone(finished)) {
          yield* Effect.logWarning(`Group ${group} did not let go of its partitions in time; going on without it`);
        }
      });

    const letGo = (current: Member, owned: ReadonlyArray<Owned>, reason: "revoked" | "closed") =>
      Effect.raceFirst(
        Effect.zipRight(tell(owned, reason), Effect.succeed("done" as const)),
        Effect.raceFirst(beat(current, true), Effect.as(Deferred.await(expulsion), "lost" as const)),
      );

    const lose = Effect.suspend(() => {
      const gone = assignment.drop();
      member = undefined;
      changed();
      if (gone.length === 0) return Effect.void;
      return Effect.zipRight(
        Effect.logWarning(`Group ${group} lost its ${gone.length} partitions: it was not heard of in time`),
        tell(gone, "lost"),
      );
    });

    /** Whom the assignment has not reached has nothing to let go. */
    const unaware = Effect.gen(function* () {
      for (const signal of yield* Queue.takeAll(signals)) {
        if (signal._tag === "Assigned") assignment.end(signal);
        else yield* Deferred.succeed(signal.done, undefined);
      }
    });

    const drain = (current: Member, reason: "revoked" | "closed") =>
      Effect.gen(function* () {
        if (reason === "closed") yield* unaware;
        const owned = assignment.drain();
        changed();
        if ((yield* letGo(current, owned, reason)) !== "done") return yield* lose;
        assignment.drop();
        member = undefined;
        changed();
      });

    const generation = Effect.gen(function* () {
      const joining = yield* Effect.fork(join);
      const joined = yield* Effect.raceFirst(
        Effect.asSome(Fiber.join(joining)),
        Deferred.await(closing).pipe(Effect.zipRight(Effect.sleep(farewell)), Effect.as(Option.none())),
      );
      if (Option.isNone(joined)) return yield* Fiber.interruptFork(joining);
      const current = joined.value;
      expulsion = yield* Deferred.make<void>();
      memberId = current.id;
      member = current;
      const owned = assignment.assign(current.partitions);
      changed();
      yield* Effect.logDebug(
        `Group ${group}, generation ${current.generation}: partitions ${current.partitions.join(", ") || "none"}`,
      );
      const announce = Effect.forEach(
        owned,
        ({ epoch, partition }) => Queue.offer(signals, { _tag: "Assigned", partition, epoch }),
        { discard: true },
      ).pipe(Effect.zipRight(Effect.never));
      const ending = yield* Effect.raceAll<Effect.Effect<Ending>>([
        announce,
        beat(current, false),
        Effect.as(Deferred.await(expulsion), "lost"),
        Effect.as(Deferred.await(closing), "closed"),
      ]);
      yield* ending === "lost" ? lose : drain(current, ending);
    });

    const life = yield* Effect.repeat(generation, { until: () => Deferred.isDone(closing) }).pipe(Effect.forkScoped);

    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        yield* Deferred.succeed(closing, undefined);
        yield* Fiber.await(life);
        assignment.drop();
        member = undefined;
        changed();
        if (memberId !== "") {
          yield* leave(memberId).pipe(
            Effect.timeout(Duration.seconds(5)),
            Effect.catchAll((error) => Effect.logDebug(`Group ${group} not left: ${error.message}`)),
          );
        }
        yield* Queue.shutdown(signals);
      }),
    );

    return {
      member: () => member,
      refused: (of, error) =>
        Effect.suspend(() =>
          member === of
            ? Effect.zipRight(forget(error), Effect.asVoid(Deferred.succeed(expulsion, undefined)))
            : Effect.void,
        ),
    };
  });
