/**
 * Updaters: follows every live model of the registry, each by its own consumer group.
 *
 * A model that becomes live is caught up from its training snapshot on; one that is retired or deleted is let go. Stores
 * that are away are waited for.
 * Stopped by interruption: each pipeline drains and commits before it ends.
 */
import { Effect, FiberMap, Option, Stream } from "effect";
import type { Model } from "../domain/Model.ts";
import { ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { patiently } from "../vitals/Waiting.ts";
import { followWith } from "./Follow.ts";

export const runUpdaters = Effect.gen(function* () {
  const registry = yield* ModelRegistry;
  const items = yield* ItemIndex;
  const waiting = (yield* Vitals).waiting("updater");
  const pipelines = yield* FiberMap.make<string, never, unknown>();

  let chosen: string | undefined;
  const keepUp = (model: Model) =>
    patiently(waiting, `items of ${model.id}`, () => true, items.items(model.id)).pipe(
      Effect.flatMap((catalogue) => followWith(model, catalogue, () => chosen === model.id)),
      Effect.scoped,
    );

  const following = registry.changes.pipe(
    Stream.tap(() => waiting.end("registry")),
    Stream.runForEach(({ models, serving }) =>
      Effect.gen(function* () {
        chosen = Option.getOrUndefined(serving);
        const live = models.filter(({ status }) => status === "live");
        for (const [id] of pipelines) {
          if (!live.some((model) => model.id === id)) {
            yield* Effect.logInfo(`model ${id} is no longer kept up to date`);
            yield* FiberMap.remove(pipelines, id);
          }
        }
        for (const model of live) {
          if (yield* FiberMap.has(pipelines, model.id)) continue;
          yield* Effect.logInfo(`keeping model ${model.id} up to date`);
          yield* FiberMap.run(pipelines, model.id, keepUp(model));
        }
      }),
    ),
  );
  yield* Effect.raceFirst(
    patiently(waiting, "registry", () => true, following),
    FiberMap.join(pipelines),
  );
  return yield* Effect.never;
}).pipe(Effect.scoped);
