/** Choose: models that a person names by an id: loaded, and put to use. */
import { Effect } from "effect";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { loadModel } from "./Load.ts";
import { findModel, newestModel } from "./Registry.ts";
import { tellUse, useModel } from "./Use.ts";

/** Loads a model, by default the newest, and answers it. */
const loadChosen = (id: string | undefined) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    const chosen = yield* id === undefined ? newestModel(state) : findModel(state, id);
    if (chosen.status !== "trained") {
      yield* Effect.logInfo(`model ${chosen.id} is loaded already`);
      return chosen;
    }
    yield* loadModel(chosen);
    return chosen;
  });

/** Loads a model, by default the newest, beside the one that serves. */
export const loadBeside = (id: string | undefined) => Effect.flatMap(loadChosen(id), tellUse);

/** Serves a model, which is loaded first where it is not yet. */
export const useChosen = (id: string) => Effect.flatMap(loadChosen(id), (model) => useModel(model.id));
