/** ModelRegistry as one document, `registry`. */
import { Effect, Layer, Stream } from "effect";
import {
  emptyRegistry,
  ModelRegistry,
  ModelRegistryError,
  type ModelRegistryService,
  RegistryState,
  unreadableRegistry,
} from "../../src/ports/ModelRegistry.ts";
import { type DocumentError, Documents } from "../Documents/Documents.ts";

const failed =
  (operation: ModelRegistryError["operation"]) =>
  ({ cause, message, reason }: DocumentError) =>
    reason === "Undecodable"
      ? unreadableRegistry(operation, message)
      : new ModelRegistryError({ operation, message, cause });

export const layer: Layer.Layer<ModelRegistry, never, Documents> = Layer.scoped(
  ModelRegistry,
  Effect.gen(function* () {
    const { changes, get, update } = yield* (yield* Documents).open("registry", RegistryState);
    const service: ModelRegistryService = {
      state: get.pipe(Effect.mapBoth({ onFailure: failed("state"), onSuccess: (found) => found ?? emptyRegistry })),
      update: (change) =>
        Effect.mapError(
          update((found) => change(found ?? emptyRegistry)),
          failed("update"),
        ),
      changes: Stream.mapBoth(changes, {
        onFailure: failed("changes"),
        onSuccess: (found) => found ?? emptyRegistry,
      }),
    };
    return service;
  }),
);
