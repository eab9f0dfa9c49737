/**
 * Together: calls that arrive while others are being stored share the next step of the store, so that throughput grows with the
 * number of callers. Each call is answered by itself.
 */
import { Effect, type Either, type Scope } from "effect";
import { CatalogueError, type CatalogueService } from "../../src/ports/Catalogue.ts";
import type { Call } from "./Plan.ts";

type Answer = Effect.Effect.Success<ReturnType<CatalogueService["change"]>>;

/** Changes that share a step, unless one call has more: some milliseconds of the event loop. */
const mostChanges = 1000;

const closing = new CatalogueError({ reason: "Unavailable", message: "the catalogue is closing" });

interface Waiting {
  readonly call: Call;
  readonly answer: (answer: Effect.Effect<Answer, CatalogueError>) => void;
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

/**
 * `store` answers each of its calls. The storing fiber ends with the scope, after the steps of the calls that it has taken; others fail
 * then. Calls wait in a plain list and are answered without a fiber of their own: that is most of what sharing a step costs.
 */
export const makeTogether = (
  store: (
    calls: ReadonlyArray<Call>,
  ) => Effect.Effect<ReadonlyArray<Either.Either<Answer, CatalogueError>>, CatalogueError>,
): Effect.Effect<(call: Call) => Effect.Effect<Answer, CatalogueError>, never, Scope.Scope> =>
  Effect.gen(function* () {
    let waiting: Array<Waiting> = [];
    let isClosed = false;
    /** Of the storing fiber, while it has nothing to do. It goes on a turn of the event loop later: with all that came in this one. */
    let wake: (() => void) | undefined;

    const storeGroup = (group: ReadonlyArray<Waiting>) =>
      Effect.matchCause(store(group.map(({ call }) => call)), {
        onFailure: (cause) => {
          for (const { answer } of group) answer(Effect.failCause(cause));
        },
        onSuccess: (answers) => {
          for (let i = 0; i < group.length; i++) group[i]!.answer(answers[i]!);
        },
      });

    const someone = Effect.async<void>((resume) => {
      if (waiting.length > 0) resume(Effect.void);
      else wake = () => void setImmediate(() => resume(Effect.void));
    });

    const step = Effect.suspend(() => {
      const taken = waiting;
      waiting = [];
      return Effect.forEach(grouped(taken), storeGroup, { discard: true });
    });

    yield* Effect.uninterruptibleMask((restore) => Effect.zipRight(restore(someone), step)).pipe(
      Effect.forever,
      Effect.forkScoped,
    );

    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isClosed = true;
        for (const { answer } of waiting) answer(Effect.fail(closing));
        waiting = [];
      }),
    );

    return (call) =>
      Effect.async((answer) => {
        if (isClosed) return answer(Effect.fail(closing));
        waiting.push({ answer, call });
        wake?.();
        wake = undefined;
      });
  });
