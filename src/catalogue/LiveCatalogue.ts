/**
 * LiveCatalogue: the shop's catalogue as this process sees it: all of it in memory, and kept current.
 *
 * It follows the port `Catalogue`. What this process changes is known here before the call returns; what others change, within
 * a second. While the catalogue cannot be read, what was last known stands.
 *
 * Who hears of changes takes them in one page at a time: mostly the follower; after a standstill of the process all of them at once.
 */
import { Clock, Context, Deferred, Effect, Layer, Stream } from "effect";
import {
  Catalogue,
  type CatalogueError,
  type CatalogueService,
  type ChangedPage,
  corrupt,
} from "../ports/Catalogue.ts";
import { pause } from "../vitals/Pause.ts";
import { makeWaiting, patiently } from "../vitals/Waiting.ts";
import { type LiveItems, makeLiveItems } from "./LiveItems.ts";
import { makeStandstill } from "./Standstill.ts";

export interface LiveCatalogueService extends LiveItems {
  /** Returns once everything that was in the catalogue when this process began is known. */
  readonly whenReady: Effect.Effect<void>;
  readonly isReady: () => boolean;
  /**
   * To be waited for before items are looked at: returns at once, unless this process stood still a moment ago; then what others changed
   * meanwhile is known, if the store tells of it within a second.
   */
  readonly current: Effect.Effect<void>;
  /** Items of smaller indices may be known. */
  readonly size: () => number;
  /** All changes up to this one are known. */
  readonly number: () => number;
  /** The newest change that is known: of those before it that others made, perhaps not all are. */
  readonly newest: () => number;
  /** How often all was read anew, since the store had lost changes: numbers of before mean nothing then. */
  readonly anew: () => number;
  /** As the port's, and known here when it returns. */
  readonly change: CatalogueService["change"];
  /** As the port's: the truth, though another process may have changed it a moment ago. */
  readonly find: CatalogueService["find"];
}

/** How often this process sees whether it stood still, in milliseconds of the machine's own clock. */
const lookEvery = 200;

const make = Effect.gen(function* () {
  const catalogue = yield* Catalogue;
  const waiting = makeWaiting("api", "keeps to what it knew of items");
  const ready = yield* Deferred.make<void>();
  const { doubt, forget, take, takePage, ...items } = makeLiveItems();
  let isReady = false;
  let number = 0;
  let newest = 0;
  let anew = 0;
  /** Whether what the store has is being read anew, since it lost changes. */
  let isDoubtful = false;

  /** Takes in what the store answers; known to all that listen before anybody goes on. */
  const known = (changed: Parameters<typeof take>[0]) =>
    Effect.map(Clock.currentTimeMillis, (now) => take(changed, now));

  const takeIn = Effect.fnUntraced(function* (changed: ChangedPage) {
    if (changed.isAnew === true) {
      yield* Effect.logWarning(
        "the catalogue's store is another one than before, or has lost changes: it is read anew",
      );
      doubt();
      isDoubtful = true;
      anew += 1;
      newest = changed.number;
    }
    const wrong = takePage(changed.items, yield* Clock.currentTimeMillis);
    if (wrong !== undefined) return yield* corrupt(wrong);
    number = changed.number;
    newest = Math.max(newest, number);
    yield* waiting.end("catalogue");
    if (changed.isLast && isDoubtful) {
      forget(yield* Clock.currentTimeMillis);
      isDoubtful = false;
    }
    if (!changed.isLast || isReady) return;
    isReady = true;
    yield* Effect.logDebug(`the catalogue has ${items.columns.size} items`);
    yield* Deferred.succeed(ready, undefined);
  });

  const oneAtATime = (yield* Effect.makeSemaphore(1)).withPermits(1);

  const following: Effect.Effect<void, CatalogueError> = Effect.suspend(() =>
    Stream.runForEach(catalogue.pages(number), (changed) => oneAtATime(takeIn(changed))),
  );
  // Stopped by the layer's scope. After an outage it goes on from the last change it knows.
  yield* Effect.forkScoped(patiently(waiting, "catalogue", () => true, following));

  /** Of outages the follower tells; and until it has read everything, it is at that. */
  const hear = Effect.suspend(() =>
    isReady
      ? Stream.runForEach(
          Stream.takeUntil(catalogue.pages(number), ({ isLast }) => isLast),
          takeIn,
        )
      : Effect.void,
  ).pipe(oneAtATime, Effect.ignore);
  const { current, look } = yield* makeStandstill(hear, () => Date.now(), pause);
  yield* Effect.acquireRelease(
    Effect.sync(() => setInterval(look, lookEvery).unref()),
    (timer) => Effect.sync(() => clearInterval(timer)),
  );

  return {
    ...items,
    whenReady: Deferred.await(ready),
    isReady: () => isReady,
    current,
    size: () => items.columns.size,
    number: () => number,
    newest: () => newest,
    anew: () => anew,
    change: (changes) =>
      Effect.flatMap(catalogue.change(changes), (stored) => {
        const items = stored.filter((item) => item !== undefined);
        newest = items.reduce((most, item) => Math.max(most, item.number), newest);
        return Effect.as(known(items), stored);
      }),
    find: catalogue.find,
  } satisfies LiveCatalogueService;
});

export class LiveCatalogue extends Context.Tag("slipstream/LiveCatalogue")<LiveCatalogue, LiveCatalogueService>() {
  static readonly layer = Layer.scoped(LiveCatalogue, make);
}
