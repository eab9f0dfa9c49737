/**
 * Shared: what all programs that answer lists of items stand on, once per process: what trends and what follows what, as the stores
 * said it last, who asks, the clock that shows what is for sale, and the ids of answers. While a store fails they answer without it.
 */
import { Clock, Context, Effect, Layer } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { makeWaiting, orElse, type Waiting } from "../../vitals/Waiting.ts";
import { type Applied, makeApplied } from "../Applied.ts";
import type { Chosen } from "../ServingModel.ts";
import { type LiveCounts, makeLiveCounts } from "./LiveCounts.ts";
import { makeNaming, type NameList } from "./Naming.ts";
import { makeFindOrStranger, type Shopper, stranger } from "./Shopper.ts";
import { makeTrending, type TrendingNow } from "./Trending.ts";

export interface SharedService {
  readonly waiting: Waiting;
  readonly applied: Applied;
  readonly liveCounts: LiveCounts;
  readonly trending: TrendingNow;
  readonly nameOf: NameList;
  /** A stranger while the user store fails. */
  readonly find: (chosen: Pick<Chosen, "model" | "numericUserIds">, user: string) => Effect.Effect<Shopper>;
  /**
   * Unix milliseconds. What is open is asked at the beginning of an answer and, after the last store has answered, again, each time
   * as the catalogue is by then (`LiveCatalogue.current`); from then on nothing waits.
   */
  readonly tick: Effect.Effect<number>;
}

const make = Effect.gen(function* () {
  const live = yield* LiveCatalogue;
  const waiting = makeWaiting("api", "answers without it");
  const findShopper = yield* makeFindOrStranger;
  return {
    waiting,
    applied: yield* makeApplied,
    liveCounts: yield* makeLiveCounts(waiting),
    trending: yield* makeTrending(waiting),
    nameOf: yield* makeNaming,
    find: ({ model, numericUserIds }, user) =>
      orElse(waiting, "shopper", findShopper(model, numericUserIds, user), stranger(user)),
    tick: Effect.map(Effect.zipRight(live.current, Clock.currentTimeMillis), (now) => {
      live.advance(now);
      return now;
    }),
  } satisfies SharedService as SharedService;
});

export class Shared extends Context.Tag("slipstream/Shared")<Shared, SharedService>() {
  static readonly layer = Layer.scoped(Shared, make);
}
