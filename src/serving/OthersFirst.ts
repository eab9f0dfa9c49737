/** OthersFirst: long work in pieces, so that single requests do not wait for all of it. */
import { Effect } from "effect";

/** What else is to be done in the process is done: also what has come over the network. */
export const othersFirst = Effect.async<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void));
  return Effect.sync(() => clearImmediate(turn));
});

/** What `make` makes of each, in their order; all else has its turn after every `atOnce`. */
export const eachInTurn = <A, B, E = never, R = never>(
  all: ReadonlyArray<A>,
  atOnce: number,
  make: (one: A, at: number) => Effect.Effect<B, E, R>,
): Effect.Effect<ReadonlyArray<B>, E, R> =>
  Effect.gen(function* () {
    const made: Array<B> = [];
    for (const [at, one] of all.entries()) {
      made.push(yield* make(one, at));
      if (made.length % atOnce === 0) yield* othersFirst;
    }
    return made;
  });
