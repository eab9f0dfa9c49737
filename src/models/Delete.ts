/** Delete: removes models and all that belongs to them. */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform";
import { Clock, Duration, Effect, Option } from "effect";
import { storage } from "../config/Settings.ts";
import { itemFactors, userFactors } from "../domain/TableSchemas.ts";
import { ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Tables } from "../ports/Tables.ts";
import { UserStates } from "../ports/UserStates.ts";
import { findModel, ModelError, superfluous, withoutModel, withStatus } from "./Registry.ts";

const modelsFolder = Effect.gen(function* () {
  const path = yield* Path.Path;
  return path.join(yield* storage.dataDir.config, "delta", "models");
});

const notRemoved = (error: PlatformError.PlatformError) =>
  Effect.logWarning(`remains of models not removed: ${error.message}`);

/** Removes the folder of a model that was not registered, or is so no more. One that cannot be removed now is swept later. */
export const removeRemains = (id: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    yield* fs.remove(path.join(yield* modelsFolder, id), { recursive: true, force: true });
  }).pipe(Effect.catchTags({ BadArgument: notRemoved, SystemError: notRemoved }));

/** Takes the model out of the registry's sight before its data goes, so that nothing reads half a model. */
const remove = (id: string) =>
  Effect.gen(function* () {
    const registry = yield* ModelRegistry;
    const tables = yield* Tables;
    yield* registry.update((state) => [undefined, withStatus(state, id, "retired")]);
    yield* Effect.flatMap(UserStates, (states) => states.drop(id));
    yield* Effect.flatMap(ItemIndex, (items) => items.drop(id));
    yield* tables.drop(userFactors(id).name);
    yield* tables.drop(itemFactors(id).name);
    yield* registry.update((state) => [undefined, withoutModel(state, id)]);
    yield* removeRemains(id);
    yield* Effect.logInfo(`model ${id} is deleted`);
  });

/** Deletes a model that does not serve. */
export const deleteModel = (id: string) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    const model = yield* findModel(state, id);
    if (Option.getOrUndefined(state.serving) === model.id) {
      return yield* new ModelError({
        reason: "Serving",
        message: `model ${model.id} serves; choose another with \`models use ID\` first`,
      });
    }
    return yield* remove(model.id);
  });

/** Deletes the oldest models beyond the newest `keep`, sparing what is live or serves. */
export const pruneModels = (keep: number) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    yield* Effect.forEach(superfluous(state, keep), ({ id }) => remove(id), { discard: true });
  });

/**
 * Removes the folders of models that the registry does not know: what trainings and deletions left that were interrupted.
 * Those changed within `age` are spared, since another process may be training into them.
 */
export const sweepModels = (age: Duration.Duration) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const folder = yield* modelsFolder;
    const ids = yield* fs.readDirectory(folder).pipe(Effect.orElseSucceed(() => []));
    const { models } = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    const newest = (yield* Clock.currentTimeMillis) - Duration.toMillis(age);
    for (const id of ids.filter((id) => models.every((model) => model.id !== id))) {
      const changed = Option.getOrUndefined((yield* fs.stat(path.join(folder, id))).mtime);
      if (changed !== undefined && changed.getTime() <= newest) {
        yield* fs.remove(path.join(folder, id), { recursive: true });
      }
    }
  }).pipe(Effect.catchTags({ BadArgument: notRemoved, SystemError: notRemoved }));
