/** OthersFirst: long work in pieces, so that single requests do not wait for all of it. */
import { Effect } from "effect";

/** Who waits, the first first: each has a turn of the event loop of its own. */
const waiting: Array<() => void> = [];

const next = (): void => {
  const resume = waiting.shift();
  if (waiting.length > 0) setImmediate(next);
  resume?.();
};

/**
 * What else is to be done in the process is done: also what has come over the network. Of several that wait one goes on, and then again
 * all else has its turn.
 */
export const othersFirst = Effect.async<void>((resume) => {
  const goOn = (): void => resume(Effect.void);
  if (waiting.push(goOn) === 1) setImmediate(next);
  return Effect.sync(() => {
    const place = waiting.indexOf(goOn);
    // The first is waited for by `next`.
    if (place > 0) waiting.splice(place, 1);
    else if (place === 0) waiting[0] = () => {};
  });
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
