/**
 * ServingModel: the model that answers, with its catalogue in memory.
 *
 * It follows the registry: the items of a newly chosen model are loaded beside the present ones, once the shop's catalogue is known,
 * then both swap at once. So they do, for the same model, when spare rows for new items are used up. Whoever took `current` keeps
 * that model for as long as the answer takes.
 */
import { Clock, Context, Effect, Layer, Option, Queue, Stream, SubscriptionRef } from "effect";
import { LiveCatalogue } from "../catalogue/LiveCatalogue.ts";
import type { Model } from "../domain/Model.ts";
import { configuredLearner, type Learnt } from "../learning/Configured.ts";
import { makeNewItemDraw, type NewItemDraw } from "../learning/NewItemDraw.ts";
import { type Held, heldModel } from "../models/Shrinkage.ts";
import { ItemIndex, type ModelItems } from "../ports/ItemIndex.ts";
import { ModelRegistry, type RegistryState } from "../ports/ModelRegistry.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { patiently } from "../vitals/Waiting.ts";
import { indexBytes } from "./IndexBytes.ts";
import { makeItemIdOf } from "./LostZeros.ts";
import { makePassing, type PassingItems } from "./recommend/Passing.ts";
import { makeServingItems, type ServingItems } from "./ServingItems.ts";

/** What the registry says of the model it chose. */
export interface Chosen {
  readonly model: string;
  /** Whether some id of the shop's customers, or of its items, is a whole number, or may be: the batch decides. */
  readonly numericUserIds: boolean;
  readonly numericItemIds: boolean;
  readonly trained: Pick<
    Model,
    "id" | "parameters" | "halfLifeSeconds" | "popularityTotal" | "popularityAsOf" | "learning"
  > &
    Partial<Pick<Model, "snapshot" | "plane">>;
}

/** Learns as the updaters do. */
export interface Serving extends Chosen, Learnt {
  readonly catalogue: ServingItems;
  readonly passing: PassingItems;
  readonly newItems: NewItemDraw;
  /** The shop's spelling of an item's id. */
  readonly itemIdOf: (id: string) => string;
}

export interface ServingModelService {
  /** Undefined while no model serves or its catalogue is not loaded yet. */
  readonly current: Effect.Effect<Serving | undefined>;
  /** The model that is to serve, loaded or not; none while there is none; undefined until the registry has answered. */
  readonly chosen: Effect.Effect<Option.Option<Chosen> | undefined>;
  /** A newer model that waits for a person's word. */
  readonly held: Effect.Effect<Held | undefined>;
  /** The present value, then each swap. */
  readonly changes: Stream.Stream<Serving | undefined>;
}

/** Of a model that the registry does not know any more. */
const unknown: Omit<Chosen["trained"], "id"> = {
  parameters: { rank: 1, regularization: 0.01, alpha: 1, iterations: 1, seed: 0 },
};

const chosenBy = ({ models, serving }: RegistryState): Option.Option<Chosen> =>
  Option.map(serving, (id) => {
    const model = models.find((one) => one.id === id);
    return {
      model: id,
      numericUserIds: model?.numericUserIds ?? true,
      numericItemIds: model?.numericItemIds ?? true,
      trained: model ?? { id, ...unknown },
    };
  });

const make = Effect.gen(function* () {
  const registry = yield* ModelRegistry;
  const index = yield* ItemIndex;
  const live = yield* LiveCatalogue;
  const vitals = yield* Vitals;
  const waiting = vitals.waiting("api");
  const learnerOf = yield* configuredLearner;
  const cell = yield* SubscriptionRef.make<Serving | undefined>(undefined);
  let latest: Option.Option<Chosen> | undefined;
  let held: Held | undefined;

  const tellHeld = (state: RegistryState) => {
    const before = held?.id;
    held = heldModel(state);
    return held === undefined || held.id === before
      ? Effect.void
      : Effect.logWarning(`a newer model waits: ${held.detail}`);
  };

  /** Told once for each set of rows that is used up. */
  const full = yield* Queue.sliding<Serving["catalogue"]>(1);

  /** Serves the model's items, and follows the catalogue for them instead of for those before. */
  const serve = (chosen: Chosen, items: ModelItems) =>
    Effect.gen(function* () {
      let isTold = false;
      const tellFull = () => {
        if (!isTold) Queue.unsafeOffer(full, catalogue);
        isTold = true;
      };
      const now = yield* Clock.currentTimeMillis;
      const catalogue = makeServingItems(items, live, now, tellFull);
      const { inverse, onPlaced, rank, vectors } = catalogue;
      const learnt = yield* learnerOf(catalogue, chosen.trained);
      if (learnt.blend !== undefined) onPlaced(learnt.blend.take);
      const views = {
        passing: makePassing(catalogue, now),
        newItems: makeNewItemDraw(vectors, rank, inverse),
        itemIdOf: makeItemIdOf({ metadata: items.metadata, rowOf: catalogue.rowOf }),
        ...learnt,
      };
      const before = yield* SubscriptionRef.getAndSet(cell, { ...chosen, catalogue, ...views });
      before?.catalogue.close();
      const { model } = chosen;
      const bytes = indexBytes(items, catalogue);
      vitals.index.size = () => ({ model, items: catalogue.size(), bytes });
      vitals.caches.set("conditions", views.passing.size);
    }).pipe(Effect.uninterruptible);

  const load = (chosen: Chosen) =>
    Effect.gen(function* () {
      const { model } = chosen;
      if ((yield* cell)?.model === model) return;
      const items = yield* patiently(waiting, `items of ${model}`, () => true, index.items(model));
      yield* live.whenReady;
      yield* serve(chosen, items);
      yield* Effect.logInfo(`model ${model} serves ${items.itemIdx.length} items`);
    });

  /** Again the same model, with room for more; not if another has taken its place. */
  const enlarge = (used: Serving["catalogue"]) =>
    Effect.gen(function* () {
      const serving = yield* cell;
      if (serving?.catalogue !== used) return;
      const items = yield* patiently(waiting, `items of ${serving.model}`, () => true, index.items(serving.model));
      if ((yield* cell)?.catalogue === used) yield* serve(serving, items);
    });

  const clear = Effect.zipRight(
    Effect.map(SubscriptionRef.getAndSet(cell, undefined), (before) => {
      before?.catalogue.close();
      vitals.index.size = undefined;
      vitals.caches.delete("conditions");
    }),
    Effect.logInfo(
      "no model serves yet: the command `batch` makes one of the shop's tables, `import` reads its files before",
    ),
  );

  // Stopped by the layer's scope. A newer choice interrupts the load of an older one.
  const following = registry.changes.pipe(
    Stream.tap(() => waiting.end("registry")),
    Stream.tap(tellHeld),
    Stream.map(chosenBy),
    Stream.tap((chosen) =>
      Effect.sync(() => {
        latest = chosen;
      }),
    ),
    Stream.changesWith(Option.getEquivalence((one, other) => one.model === other.model)),
    Stream.flatMap(Option.match({ onNone: () => clear, onSome: load }), { switch: true }),
    Stream.runDrain,
  );
  yield* Effect.forkScoped(patiently(waiting, "registry", () => true, following));
  yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(full), enlarge)));

  return {
    current: SubscriptionRef.get(cell),
    chosen: Effect.sync(() => latest),
    held: Effect.sync(() => held),
    changes: cell.changes,
  };
});

export class ServingModel extends Context.Tag("slipstream/ServingModel")<ServingModel, ServingModelService>() {
  static readonly layer = Layer.scoped(ServingModel, make);
}
