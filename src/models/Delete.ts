/** Delete: removes models and all that belongs to them. */
import { Effect, Option } from "effect";
import {
  attributeMap,
  itemFactors,
  itemFollowers,
  itemPopularity,
  itemTrends,
  newItems,
  userFactors,
} from "../domain/ModelTables.ts";
import { ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Tables } from "../ports/Tables.ts";
import { UserStates } from "../ports/UserStates.ts";
import { findModel, ModelError, superfluous, withoutModel, withStatus } from "./Registry.ts";
import { removeRemains } from "./Remains.ts";

/** Takes the model out of the registry's sight before its data goes, so that nothing reads half a model; not one that serves. */
const remove = (id: string) =>
  Effect.gen(function* () {
    const registry = yield* ModelRegistry;
    const tables = yield* Tables;
    const serves = yield* registry.update((state) =>
      Option.contains(state.serving, id) ? [true, state] : [false, withStatus(state, id, "retired")],
    );
    if (serves) {
      return yield* new ModelError({
        reason: "Serving",
        message: `model ${id} serves; choose another with \`models use ID\` first`,
      });
    }
    yield* Effect.flatMap(UserStates, (states) => states.drop(id));
    yield* Effect.flatMap(ItemIndex, (items) => items.drop(id));
    yield* tables.drop(userFactors(id).name);
    yield* tables.drop(itemFactors(id).name);
    yield* tables.drop(itemFollowers(id).name);
    yield* tables.drop(itemPopularity(id).name);
    yield* tables.drop(itemTrends(id).name);
    yield* tables.drop(newItems(id).name);
    yield* tables.drop(attributeMap(id).name);
    yield* registry.update((state) => [undefined, withoutModel(state, id)]);
    yield* removeRemains(id);
    yield* Effect.logInfo(`model ${id} is deleted`);
  });

/** Deletes a model that does not serve. */
export const deleteModel = (id: string) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    const model = yield* findModel(state, id);
    return yield* remove(model.id);
  });

/** Deletes the oldest models beyond the newest `keep`, sparing what is live or serves. */
export const pruneModels = (keep: number) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    // One that came to serve meanwhile stays.
    yield* Effect.forEach(
      superfluous(state, keep),
      ({ id }) => Effect.catchTag(remove(id), "ModelError", () => Effect.void),
      {
        discard: true,
      },
    );
  });
