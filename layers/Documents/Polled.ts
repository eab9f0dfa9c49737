/** Polled: a document's changes: those of this process at once, those of others by looking again now and then. */
import { type Duration, Effect, PubSub, Queue, type Scope, Stream } from "effect";

export interface Polled<A, E> {
  /** Tells that this process changed the document. */
  readonly notify: Effect.Effect<void>;
  /** What is found now, and again when it is different. */
  readonly changes: Stream.Stream<A, E>;
}

export const makePolled = <A, E>(
  look: Effect.Effect<A, E>,
  pollEvery: Duration.DurationInput,
): Effect.Effect<Polled<A, E>, never, Scope.Scope> =>
  Effect.map(Effect.acquireRelease(PubSub.sliding<void>(1), PubSub.shutdown), (told) => ({
    notify: Effect.asVoid(PubSub.publish(told, undefined)),
    changes: Stream.unwrapScoped(
      Effect.map(PubSub.subscribe(told), (changed) =>
        Stream.concat(
          Stream.fromEffect(look),
          Stream.repeatEffect(Effect.zipRight(Effect.raceFirst(Queue.take(changed), Effect.sleep(pollEvery)), look)),
        ),
      ),
    ).pipe(Stream.changes),
  }));
