/** Registry: what may happen to a model in the registry, as pure changes of its state. */
import { Either, Option, Schema } from "effect";
import type { Model, ModelStatus } from "../domain/Model.ts";
import type { RegistryState } from "../ports/ModelRegistry.ts";

export class ModelError extends Schema.TaggedError<ModelError>()("ModelError", {
  reason: Schema.Literal("NotFound", "Serving", "NotLoaded"),
  message: Schema.String,
}) {}

const listed = (state: RegistryState): string =>
  state.models.length === 0 ? "there is none; run `batch`" : state.models.map(({ id }) => id).join(", ");

/** The model of this id, or of the only id that starts with it. */
export const findModel = (state: RegistryState, id: string): Either.Either<Model, ModelError> => {
  const exact = state.models.find((model) => model.id === id);
  if (exact !== undefined) return Either.right(exact);
  const starting = state.models.filter((model) => model.id.startsWith(id));
  return starting.length === 1
    ? Either.right(starting[0])
    : Either.left(
        new ModelError({
          reason: "NotFound",
          message: `${starting.length === 0 ? "no model" : "more than one model"} is called ${JSON.stringify(id)}; models: ${listed(state)}`,
        }),
      );
};

export const newestModel = ({ models }: RegistryState): Either.Either<Model, ModelError> =>
  Either.fromNullable(
    models.at(-1),
    () => new ModelError({ reason: "NotFound", message: "there is no model; run `batch train` first" }),
  );

export const addModel = (state: RegistryState, model: Model): RegistryState => ({
  ...state,
  models: [...state.models.filter(({ id }) => id !== model.id), model].sort((a, b) => (a.id < b.id ? -1 : 1)),
});

export const withStatus = (state: RegistryState, id: string, status: ModelStatus): RegistryState => ({
  ...state,
  models: state.models.map((model) => (model.id === id ? { ...model, status } : model)),
});

export const withoutModel = (state: RegistryState, id: string): RegistryState => ({
  ...state,
  models: state.models.filter((model) => model.id !== id),
});

/**
 * Points at `id`. The model that served stays live, so that `use` can switch back at once; others that are live and older
 * than both are retired.
 */
export const serve = (state: RegistryState, id: string): RegistryState => {
  const previous = Option.getOrUndefined(state.serving);
  return {
    serving: Option.some(id),
    models: state.models.map((model) => {
      if (model.id === id) return { ...model, served: true };
      const isOver = model.status === "live" && model.id !== previous && model.id < id;
      return isOver ? { ...model, status: "retired" } : model;
    }),
  };
};

/** The oldest models that neither serve nor are live, beyond the newest `keep`. */
export const superfluous = (state: RegistryState, keep: number): ReadonlyArray<Model> =>
  state.models
    .slice(0, Math.max(0, state.models.length - keep))
    .filter((model) => model.status !== "live" && Option.getOrUndefined(state.serving) !== model.id);
