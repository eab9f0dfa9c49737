/**
 * Catalogue in the embedded store: table `items` (`embedded/Keys.ts`). Changes that arrive together share a transaction; processes
 * learn of each other's by looking at the last number that was given.
 */
import { Array as Arr, Clock, Effect, Either, Layer, Stream } from "effect";
import { Catalogue, type CatalogueError, type CatalogueService, changesOf } from "../../src/ports/Catalogue.ts";
import { makeNotifier } from "../EventLog/Notifier.ts";
import { Store } from "../engines/lmdb/Store.ts";
import { makeItems } from "./embedded/Items.ts";
import { unavailable } from "./Failures.ts";
import { follow, idsAtOnce } from "./Follow.ts";
import { answered, type Call, type Found, planAllotment, planChanges } from "./Plan.ts";
import { makeTogether } from "./Together.ts";

const pollEvery = "150 millis";

const make = Effect.gen(function* () {
  const store = yield* Store;
  const items = makeItems(store.tables.items);
  const changed = makeNotifier();

  const read = <A>(look: () => Either.Either<A, CatalogueError>) =>
    store.read(look).pipe(Effect.mapError(unavailable), Effect.flatten);

  const write = <A>(change: () => A) =>
    store.write(change).pipe(
      Effect.mapError(unavailable),
      Effect.tap(() => Effect.sync(changed.notify)),
    );

  const together = yield* makeTogether((calls: ReadonlyArray<Call>) =>
    write(() => {
      const looked = new Map<string, Found>();
      const found = (itemId: string): Found => {
        const before = looked.get(itemId) ?? items.find(itemId);
        looked.set(itemId, before);
        return before;
      };
      const { answers, written } = planChanges(calls, found);
      const stored = items.store(written);
      const itemOf = (itemId: string) => stored.get(itemId) ?? Either.getOrUndefined(found(itemId) as Found);
      return answers.map((answer) => answered(answer, itemOf));
    }),
  );

  const allotSome = (itemIds: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const indices = () => itemIds.map(items.indexOf);
      const known = yield* read(() => Either.right(indices()));
      if (!known.includes(undefined)) return known as ReadonlyArray<number>;
      return yield* write(() =>
        Either.map(planAllotment(itemIds, items.find), (written) => {
          items.store(written);
          return indices() as ReadonlyArray<number>;
        }),
      ).pipe(Effect.flatten);
    });

  const pages = follow((after) => read(() => items.changedSince(after)), changed, pollEvery);

  const service: CatalogueService = {
    change: (changes) =>
      changes.length === 0
        ? Effect.succeed([])
        : Effect.flatMap(Clock.currentTimeMillis, (now) => together({ changes, now })),
    find: (itemIds) => read(() => Either.all(itemIds.map(items.find))),
    allot: (itemIds) =>
      Effect.map(Effect.forEach(Arr.chunksOf(itemIds, idsAtOnce), allotSome), (parts) => parts.flat()),
    adopt: (first, itemIds, records = []) => Effect.flatten(write(() => items.adopt(first, itemIds, records))),
    size: read(() => Either.right(items.size())),
    ids: (first) =>
      Stream.unwrap(
        Effect.map(service.size, (size) =>
          Stream.range(0, Math.ceil((size - first) / idsAtOnce) - 1).pipe(
            Stream.mapEffect((page) => {
              const from = first + page * idsAtOnce;
              return read(() => items.idsBetween(from, Math.min(from + idsAtOnce, size)));
            }),
          ),
        ),
      ),
    changes: (after) => changesOf(pages(after)),
    pages,
  };
  return service;
});

export const layer: Layer.Layer<Catalogue, never, Store> = Layer.scoped(Catalogue, make);
