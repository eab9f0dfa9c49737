/**
 * ServingModel: the model that answers, with its catalogue in memory.
 *
 * It follows the registry: the catalogue of a newly chosen model is loaded beside the present one, then both swap at
 * once. Whoever took `current` keeps that model for as long as the answer takes.
 */
import { Context, Effect, Layer, Option, Stream, SubscriptionRef } from "effect";
import { type Catalogue, ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Vitals } from "../stream/Vitals.ts";
import { patiently } from "../stream/Waiting.ts";

export interface Serving {
  readonly model: string;
  readonly catalogue: Catalogue;
}

export interface ServingModelService {
  /** Undefined while no model serves or its catalogue is not loaded yet. */
  readonly current: Effect.Effect<Serving | undefined>;
  /** The present value, then each swap. */
  readonly changes: Stream.Stream<Serving | undefined>;
}

const make = Effect.gen(function* () {
  const registry = yield* ModelRegistry;
  const index = yield* ItemIndex;
  const waiting = (yield* Vitals).waiting("api");
  const cell = yield* SubscriptionRef.make<Serving | undefined>(undefined);

  const load = (model: string) =>
    Effect.gen(function* () {
      if ((yield* cell)?.model === model) return;
      const catalogue = yield* patiently(waiting, `items of ${model}`, () => true, index.catalogue(model));
      yield* SubscriptionRef.set(cell, { model, catalogue });
      yield* Effect.logInfo(`model ${model} serves ${catalogue.itemIdx.length} items`);
    });

  // Stopped by the layer's scope. A newer choice interrupts the load of an older one.
  const following = registry.changes.pipe(
    Stream.tap(() => waiting.end("registry")),
    Stream.map((state) => Option.getOrUndefined(state.serving)),
    Stream.changes,
    Stream.flatMap((model) => (model === undefined ? SubscriptionRef.set(cell, undefined) : load(model)), {
      switch: true,
    }),
    Stream.runDrain,
  );
  yield* Effect.forkScoped(patiently(waiting, "registry", () => true, following));

  return { current: SubscriptionRef.get(cell), changes: cell.changes };
});

export class ServingModel extends Context.Tag("slipstream/ServingModel")<ServingModel, ServingModelService>() {
  static readonly layer = Layer.scoped(ServingModel, make);
}
