/** ModelRegistry: the list of models and the pointer to the one that serves. */
import { Context, type Effect, Option, Schema, type Stream } from "effect";
import { Model } from "../domain/Model.ts";

export const RegistryState = Schema.Struct({
  /** Oldest first. */
  models: Schema.Array(Model),
  serving: Schema.OptionFromNullOr(Schema.String),
});
export type RegistryState = typeof RegistryState.Type;

export const emptyRegistry: RegistryState = { models: [], serving: Option.none() };

export interface ModelRegistryService {
  readonly state: Effect.Effect<RegistryState, ModelRegistryError>;
  /** Applies `change` to the newest state, atomically across processes; `change` may run more than once. */
  readonly update: <A>(
    change: (state: RegistryState) => readonly [A, RegistryState],
  ) => Effect.Effect<A, ModelRegistryError>;
  /** The state now, and again after every change, within a second. Equal states are not repeated. */
  readonly changes: Stream.Stream<RegistryState, ModelRegistryError>;
}

export class ModelRegistry extends Context.Tag("slipstream/ModelRegistry")<ModelRegistry, ModelRegistryService>() {}

export class ModelRegistryError extends Schema.TaggedError<ModelRegistryError>()("ModelRegistryError", {
  operation: Schema.Literal("state", "update", "changes"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** What a store says whose list cannot be decoded, and why it cannot. */
export const unreadableRegistry = (operation: ModelRegistryError["operation"], why: string): ModelRegistryError =>
  new ModelRegistryError({
    operation,
    message: `the stored list of models cannot be decoded: restore the store from a backup (${why})`,
  });
