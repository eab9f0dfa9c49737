/**
 * Catalogue on Redis or Valkey: `PREFIX:{catalogue}:items`, `:ids` and `:changes` (`redis/Scripts.ts`). What changes make of items is
 * computed here and stored by a compare-and-set of their numbers; where another process was quicker, from what it made of them.
 * How durable that is says Redis's own configuration.
 */
import { Array as Arr, Clock, Data, Effect, Either, Layer, Schedule, Stream } from "effect";
import { backOff } from "../../src/ports/BackOff.ts";
import { Catalogue, type CatalogueError, type CatalogueService, changesOf } from "../../src/ports/Catalogue.ts";
import { makeNotifier } from "../EventLog/Notifier.ts";
import type { Redis } from "../engines/redis/Client.ts";
import { unavailable } from "./Failures.ts";
import { follow, idsAtOnce } from "./Follow.ts";
import { answered, type Call, planAllotment, planChanges } from "./Plan.ts";
import { makeItems } from "./redis/Items.ts";
import { makeTogether } from "./Together.ts";

const pollEvery = "200 millis";

class Outrun extends Data.TaggedError("Outrun")<{ readonly message: string }> {}

const outrun = new Outrun({ message: "others keep changing the same items of the catalogue in Redis" });

/** Of two writers one is through at once. */
const retries = Schedule.intersect(backOff("2 millis", "200 millis"), Schedule.recurs(60));

const persistently = <A>(attempt: Effect.Effect<A, CatalogueError | Outrun>): Effect.Effect<A, CatalogueError> =>
  attempt.pipe(
    Effect.retry({ schedule: retries, while: ({ _tag }) => _tag === "Outrun" }),
    Effect.catchTag("Outrun", (error) => unavailable(error)),
  );

const make = Effect.gen(function* () {
  const items = yield* makeItems;
  const changed = makeNotifier();
  const notify = Effect.sync(changed.notify);

  const together = yield* makeTogether((calls: ReadonlyArray<Call>) =>
    persistently(
      Effect.gen(function* () {
        const found = yield* items.find(calls.flatMap(({ changes }) => changes.map(({ itemId }) => itemId)));
        const { answers, written } = planChanges(calls, found);
        const stored = yield* items.store(written, found);
        if (stored === undefined) return yield* outrun;
        const itemOf = (itemId: string) => stored.get(itemId) ?? Either.getOrUndefined(found(itemId));
        return answers.map((answer) => answered(answer, itemOf));
      }),
    ).pipe(Effect.zipLeft(notify)),
  );

  const allotSome = (itemIds: ReadonlyArray<string>) =>
    persistently(
      Effect.gen(function* () {
        const found = yield* items.find(itemIds);
        const written = yield* planAllotment(itemIds, found);
        const stored = yield* items.store(written, found);
        if (stored === undefined) return yield* outrun;
        return itemIds.flatMap((itemId) => {
          const item = stored.get(itemId) ?? Either.getOrUndefined(found(itemId));
          return item === undefined ? [] : [item.itemIdx];
        });
      }),
    ).pipe(Effect.zipLeft(notify));

  const pages = follow(items.changedSince, changed, pollEvery);

  const service: CatalogueService = {
    change: (changes) =>
      changes.length === 0
        ? Effect.succeed([])
        : Effect.flatMap(Clock.currentTimeMillis, (now) => together({ changes, now })),
    find: (itemIds) => Effect.flatMap(items.find(itemIds), (found) => Either.all(itemIds.map(found))),
    allot: (itemIds) =>
      Effect.map(Effect.forEach(Arr.chunksOf(itemIds, idsAtOnce), allotSome), (parts) => parts.flat()),
    adopt: (first, itemIds, records = []) => Effect.zipLeft(items.adopt(first, itemIds, records), notify),
    size: items.size,
    ids: (first) =>
      Stream.unwrap(
        Effect.map(items.size, (size) =>
          Stream.range(0, Math.ceil((size - first) / idsAtOnce) - 1).pipe(
            Stream.mapEffect((page) => {
              const from = first + page * idsAtOnce;
              return items.idsBetween(from, Math.min(from + idsAtOnce, size));
            }),
          ),
        ),
      ),
    changes: (after) => changesOf(pages(after)),
    pages,
  };
  return service;
});

export const layer: Layer.Layer<Catalogue, never, Redis> = Layer.scoped(Catalogue, make);
