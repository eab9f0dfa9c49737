/** Turns: work on the files of DATA_DIR that one process does at a time: making a shop, importing, learning; and, beside those, tuning. */
import { Context, Effect } from "effect";

/** What is worked on: the shop's tables and models, or what is tuned: either does not wait for the other. */
export type Place = "data" | "tuning";

export interface TurnsService {
  /**
   * `work`, when no other process is at work there: waits for its end, and says so once. A process that died is not waited
   * for. Work within work has its turn already.
   */
  readonly take: (what: string, place: Place) => <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>;
  /** Who is at work there, and at what, in words: `another process (17) is importing, since 10:15:30`; undefined: nobody. */
  readonly at: (place: Place) => Effect.Effect<string | undefined>;
}

/** By default there is nobody else. */
export class Turns extends Context.Reference<Turns>()("slipstream/Turns", {
  defaultValue: (): TurnsService => ({ take: () => (work) => work, at: () => Effect.succeed(undefined) }),
}) {}

/** `work` in its turn; `what` it does, as in "another process is importing". */
export const inTurn =
  (what: string, place: Place = "data") =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Turns, ({ take }) => take(what, place)(work));
