/**
 * Absence: what a client knows of a server that has stopped to answer.
 *
 * From the first question that got no answer on, one fiber asks whether it is back. Who asks for anything else meanwhile waits a second
 * for that, and fails then, having sent nothing: so nobody waits long for what is known to be away, and nothing is half done.
 */
import { Clock, Deferred, Duration, Effect, Option, type Scope } from "effect";
import { backOff } from "../../src/ports/BackOff.ts";

export interface Absence<E> {
  /** `self`, unless the server is away and stays so for a second. Where it fails as if it were, it is away from then on. */
  readonly unlessAway: <A, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>;
  /** At once where the server answers, or is away for less than `grace`; else when it is back, or fails after a second. */
  readonly unlessLongAway: (grace: Duration.Duration) => Effect.Effect<void, E>;
}

export interface AbsenceOptions<E> {
  /** Whether a failure says that the server does not answer. One that refuses does. */
  readonly saysAway: (failure: E) => boolean;
  /** Something small to ask, whose failure that does not say so is an answer, too. Ends by itself. */
  readonly probe: Effect.Effect<unknown, E>;
  /** What is told of a server that has been away for `seconds`, since `failure`. */
  readonly told: (failure: E, seconds: number) => E;
  /** Run when it has been away for a second: who asked before need not wait on. */
  readonly giveUp?: Effect.Effect<void>;
}

const patience = "1 second";

/** Probes end with the scope. */
export const makeAbsence = <E>({
  giveUp = Effect.void,
  probe,
  saysAway,
  told,
}: AbsenceOptions<E>): Effect.Effect<Absence<E>, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    interface Away {
      readonly failure: E;
      readonly since: number;
      readonly back: Deferred.Deferred<void>;
    }
    let away: Away | undefined;

    const untilBack = probe.pipe(
      Effect.catchIf(
        (failure) => !saysAway(failure),
        () => Effect.void,
      ),
      Effect.retry(backOff("100 millis", "1 second")),
    );

    /** `since`: when that was asked which got no answer. */
    const begin = (failure: E, since: number) =>
      Effect.gen(function* () {
        const back = yield* Deferred.make<void>();
        if (away !== undefined) return;
        away = { failure, since, back };
        const probing = Effect.raceFirst(untilBack, Effect.zipRight(Effect.delay(giveUp, patience), Effect.never));
        const ended = Effect.suspend(() => {
          away = undefined;
          return Deferred.succeed(back, undefined);
        });
        yield* Effect.forkIn(Effect.ensuring(Effect.interruptible(probing), ended), scope);
      }).pipe(Effect.uninterruptible);

    const wait = ({ back, failure, since }: Away) =>
      Effect.flatMap(
        Effect.timeoutOption(Deferred.await(back), patience),
        Option.match({
          onSome: () => Effect.void,
          onNone: () =>
            Effect.flatMap(Clock.currentTimeMillis, (now) =>
              Effect.fail(told(failure, Math.round((now - since) / 1000))),
            ),
        }),
      );

    return {
      unlessAway: (self) => {
        const asked = Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.tapError(self, (failure) => (saysAway(failure) ? begin(failure, now) : Effect.void)),
        );
        return Effect.suspend(() => (away === undefined ? asked : Effect.zipRight(wait(away), asked)));
      },
      unlessLongAway: (grace) =>
        Effect.suspend(() => {
          if (away === undefined) return Effect.void;
          const known = away;
          return Effect.flatMap(Clock.currentTimeMillis, (now) =>
            now - known.since < Duration.toMillis(grace) ? Effect.void : wait(known),
          );
        }),
    };
  });
