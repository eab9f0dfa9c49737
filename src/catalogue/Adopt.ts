/**
 * Adopt: the items of a data folder that is older than its catalogue. Before a process takes the first change, and before it calls the
 * catalogue read, the newest model's items have their indices there, and a word as old as can be: whatever is said later wins. So it is
 * again where the catalogue's store has lost what it had.
 */
import { Array as Arrays, Effect, Layer, Stream } from "effect";
import { attributePrefix, type ItemRecord } from "../domain/ItemRecord.ts";
import { Catalogue, CatalogueError, type CatalogueService, type ChangedPage, changesOf } from "../ports/Catalogue.ts";
import { ItemIndex, type ModelItems } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";

/** Items of one call. */
const atOnce = 1000;

/** None for an item that the model does not recommend: a later one may, without another word. */
const recordOf = ({ available, metadata }: ModelItems, row: number): ItemRecord | undefined => {
  if (available[row] !== 1) return undefined;
  const { article_id: _, prod_name: title, ...others } = metadata[row];
  const attributes = Object.entries(others).filter(([, text]) => text !== "");
  return {
    at: 0,
    removed: false,
    fields: {
      ...(title === "" ? {} : { title }),
      available: true,
      ...Object.fromEntries(attributes.map(([name, text]) => [`${attributePrefix}${name}`, text])),
    },
    patches: {},
  };
};

/** Those of whose indices none is left out before: others cannot be taken over. */
const countOf = ({ itemIdx }: ModelItems): number => {
  const gap = itemIdx.findIndex((index, row) => index !== row);
  return gap < 0 ? itemIdx.length : gap;
};

const unavailable = (cause: { readonly message: string }): CatalogueError =>
  new CatalogueError({
    reason: "Unavailable",
    message: `The items of earlier models are not taken over yet: ${cause.message}`,
    cause,
  });

const make = Effect.gen(function* () {
  const catalogue = yield* Catalogue;
  const index = yield* ItemIndex;
  const registry = yield* ModelRegistry;
  const turn = yield* Effect.makeSemaphore(1);
  let isDone = false;

  const take = (items: ModelItems) =>
    Effect.forEach(
      Arrays.chunksOf(
        Arrays.makeBy(countOf(items), (row) => row),
        atOnce,
      ),
      (rows) =>
        catalogue.adopt(
          rows[0],
          rows.map((row) => items.metadata[row].article_id),
          rows.map((row) => recordOf(items, row)),
        ),
      { discard: true },
    );

  const adopt = Effect.gen(function* () {
    const { models } = yield* Effect.mapError(registry.state, unavailable);
    const newest = models.filter(({ status }) => status === "live").at(-1);
    const size = yield* catalogue.size;
    if (newest === undefined || (size > 0 && size >= newest.items)) return;
    const items = yield* index.items(newest.id).pipe(
      Effect.catchIf(
        ({ reason }) => reason === "UnknownModel",
        () => Effect.succeed(undefined),
      ),
      Effect.mapError(unavailable),
    );
    if (items === undefined) return;
    yield* take(items);
    yield* Effect.logInfo(`the catalogue took over ${countOf(items)} items of model ${newest.id}`);
  }).pipe(
    Effect.catchIf(
      ({ reason }) => reason === "Conflict",
      ({ message }) =>
        Effect.logWarning(
          `the catalogue has other items than the newest model; the next batch makes them one: ${message}`,
        ),
    ),
  );

  /** Once; again where it failed. */
  const first = Effect.suspend(() => (isDone ? Effect.void : adopt)).pipe(
    Effect.zipLeft(
      Effect.sync(() => {
        isDone = true;
      }),
    ),
    turn.withPermits(1),
  );
  const adopted = <A, E>(self: Effect.Effect<A, E>) =>
    Effect.suspend(() => (isDone ? self : Effect.zipRight(first, self)));

  /** More follows where items had to be taken over again. */
  const again = (changed: ChangedPage): Effect.Effect<ChangedPage, CatalogueError> =>
    Effect.gen(function* () {
      if (changed.isAnew !== true) return changed;
      isDone = false;
      const before = yield* catalogue.size;
      yield* first;
      return (yield* catalogue.size) > before ? { ...changed, isLast: false } : changed;
    });

  const pages: CatalogueService["pages"] = (after) =>
    Stream.unwrap(adopted(Effect.sync(() => Stream.mapEffect(catalogue.pages(after), again))));

  return {
    ...catalogue,
    change: (changes) => adopted(catalogue.change(changes)),
    allot: (itemIds) => adopted(catalogue.allot(itemIds)),
    changes: (after) => changesOf(pages(after)),
    pages,
  } satisfies CatalogueService;
});

/** A catalogue over the one beneath. */
export const layer: Layer.Layer<Catalogue, never, Catalogue | ItemIndex | ModelRegistry> = Layer.effect(
  Catalogue,
  make,
);
