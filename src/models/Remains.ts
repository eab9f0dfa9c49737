/** Remains: files of models that were not registered, or are so no more: what is cut short must not stay for ever. */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform";
import { Clock, Duration, Effect, Option } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";

const notRemoved = (error: PlatformError.PlatformError) =>
  Effect.logWarning(`remains of models not removed: ${error.message}`);

/** Removes the folder of a model that was not registered, or is so no more. One that cannot be removed now is swept later. */
export const removeRemains = (id: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    yield* fs.remove(path.join((yield* dataFolder).models, id), { recursive: true, force: true });
  }).pipe(Effect.catchTags({ BadArgument: notRemoved, SystemError: notRemoved }));

/**
 * Removes the folders of models that the registry does not know: what trainings and deletions left that were interrupted.
 * Those changed within `age` are spared, since another process may be training into them.
 */
export const sweepModels = (age: Duration.Duration) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const { models: folder } = yield* dataFolder;
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
