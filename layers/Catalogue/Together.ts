/**
 * Together: calls that arrive while others are being stored share the next step of the store, so that throughput grows with the
 * number of callers. Each call is answered by itself.
 */
import { Chunk, Deferred, Effect, type Either, Exit, Queue, type Scope } from "effect";
import { CatalogueError, type CatalogueService } from "../../src/ports/Catalogue.ts";
import type { Call } from "./Plan.ts";

type Answer = Effect.Effect.Success<ReturnType<CatalogueService["change"]>>;

/** Calls that share a step at most; as many wait before callers are held back. */
const mostCalls = 256;
/** Changes that share a step, unless one call has more: some milliseconds of the event loop. */
const mostChanges = 1000;

const closing = new CatalogueError({ reason: "Unavailable", message: "the catalogue is closing" });

interface Waiting {
  readonly call: Call;
  readonly answer: Deferred.Deferred<Answer, CatalogueError>;
}

/** Neighbours, at most `mostChanges` of them to a group. */
const grouped = (waiting: ReadonlyArray<Waiting>): ReadonlyArray<ReadonlyArray<Waiting>> => {
  const groups: Array<Array<Waiting>> = [];
  let changes = mostChanges;
  for (const one of waiting) {
    changes += one.call.changes.length;
    if (changes > mostChanges) {
      groups.push([]);
      changes = one.call.changes.length;
    }
    groups.at(-1)?.push(one);
  }
  return groups;
};

/** `store` answers each of its calls. The storing fiber ends with the scope; calls that it has not reached by then fail. */
export const makeTogether = (
  store: (
    calls: ReadonlyArray<Call>,
  ) => Effect.Effect<ReadonlyArray<Either.Either<Answer, CatalogueError>>, CatalogueError>,
): Effect.Effect<(call: Call) => Effect.Effect<Answer, CatalogueError>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Queue.bounded<Waiting>(mostCalls);

    const storeGroup = (group: ReadonlyArray<Waiting>) =>
      store(group.map(({ call }) => call)).pipe(
        Effect.exit,
        Effect.flatMap((stored) =>
          Effect.forEach(
            group,
            ({ answer }, i) =>
              Deferred.done(
                answer,
                Exit.flatMap(stored, (answers) => Exit.fromEither(answers[i]!)),
              ),
            { discard: true },
          ),
        ),
      );

    yield* Effect.uninterruptibleMask((restore) =>
      restore(Queue.takeBetween(queue, 1, mostCalls)).pipe(
        Effect.map(Chunk.toReadonlyArray),
        Effect.flatMap((waiting) => Effect.forEach(grouped(waiting), storeGroup, { discard: true })),
      ),
    ).pipe(Effect.forever, Effect.forkScoped);

    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        for (const { answer } of yield* Queue.takeAll(queue)) yield* Deferred.fail(answer, closing);
        yield* Queue.shutdown(queue);
      }),
    );

    return (call) =>
      Effect.gen(function* () {
        const answer = yield* Deferred.make<Answer, CatalogueError>();
        yield* Queue.offer(queue, { call, answer });
        return yield* Deferred.await(answer);
      });
  });
