/** OthersFirst: long work in pieces, so that single requests do not wait for all of it. */
import { Effect } from "effect";

/** What else is to be done in the process is done: also what has come over the network. */
export const othersFirst = Effect.async<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void));
  return Effect.sync(() => clearImmediate(turn));
});
