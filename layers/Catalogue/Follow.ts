/** Follow: a catalogue's changes, a page at a time: this process's own at once, those of others by looking again now and then. */
import { type Duration, Effect, Stream } from "effect";
import type { CatalogueError, ChangedPage } from "../../src/ports/Catalogue.ts";
import type { Notifier } from "../EventLog/Notifier.ts";

/** Ids that one step of a store is about, of however many there are. */
export const idsAtOnce = 5000;

/** Items to a page: some ten milliseconds of the event loop. */
export const pageItems = 2000;

/** Lets timers and connections have their turn between two pages. */
const breathe = Effect.async<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void));
  return Effect.sync(() => clearImmediate(turn));
});

/**
 * `read`: at most `pageItems` of what changed since; asked again and again. An answer that holds nothing is told where it is the first,
 * or the first to say that it is the last: the page before was full, and there was no more.
 */
export const follow =
  (
    read: (after: number) => Effect.Effect<ChangedPage, CatalogueError>,
    changed: Notifier,
    pollEvery: Duration.DurationInput,
  ) =>
  (after: number): Stream.Stream<ChangedPage, CatalogueError> =>
    Stream.suspend(() => {
      let at = after;
      let isTold = false;
      return Stream.repeatEffect(
        Effect.gen(function* () {
          while (true) {
            const seen = changed.count();
            const page = yield* read(at);
            at = page.number;
            if (page.items.length > 0 || page.isAnew === true || !isTold) {
              isTold = page.isLast;
              yield* breathe;
              return page;
            }
            yield* Effect.raceFirst(changed.wait(seen), Effect.sleep(pollEvery));
          }
        }),
      );
    });
