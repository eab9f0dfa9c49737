/** Load: a trained model's factors into the stores that serve, beside the models that are there. */
import { Effect, Stream } from "effect";
import { idsInTurn } from "../datasets/StoredIds.ts";
import { TrainingDataError, versionOf } from "../datasets/TrainingData.ts";
import { readPasts } from "../datasets/UserTables.ts";
import type { ColumnBatch } from "../domain/Columns.ts";
import type { LoadedUsers } from "../domain/LoadedUsers.ts";
import type { Model } from "../domain/Model.ts";
import { userFactors } from "../domain/ModelTables.ts";
import { userMap } from "../domain/TableSchemas.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Progress, type Task } from "../ports/Progress.ts";
import { Tables } from "../ports/Tables.ts";
import { UserStates } from "../ports/UserStates.ts";
import { factorsOf, isCold } from "./Factors.ts";
import { readItemTrends } from "./ItemPopularity.ts";
import { forgettingLoaded } from "./LoadForgotten.ts";
import { loadItems } from "./LoadItems.ts";
import { withStatus } from "./Registry.ts";

/** Users whose past is in memory at once. */
const usersAtOnce = 16_384;

/** The batch in parts of so many rows, each from `from` to `to` - 1. */
const partsOf = (batch: ColumnBatch) =>
  Array.from({ length: Math.ceil(batch.rows / usersAtOnce) }, (_, part) => ({
    ...factorsOf(batch),
    from: part * usersAtOnce,
    to: Math.min((part + 1) * usersAtOnce, batch.rows),
  }));

const loadUsers = (model: Model, task: Task) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const table = userFactors(model.id).name;
    const map = yield* versionOf(model.snapshot, userMap);
    const idsOf = yield* idsInTurn(userMap, map);
    const pastsOf = yield* readPasts(model.snapshot);
    const forgetting = yield* forgettingLoaded(model);
    const users = tables.read(table).pipe(
      Stream.mapConcat(partsOf),
      Stream.mapEffect(({ features, from, ids: indices, to }) =>
        Effect.gen(function* () {
          const first = indices[from];
          const end = first + to - from;
          const ids = yield* idsOf(first, end);
          forgetting.note(ids);
          let known = ids.length === to - from;
          for (let r = from; r < to; r++) known &&= indices[r] === first + r - from;
          if (!known) {
            return yield* new TrainingDataError({
              reason: "Corrupt",
              message: `${table} is not in order of users or names unknown ones: train the model again.`,
            });
          }
          const vectors = Array.from({ length: to - from }, (_, i) => features[from + i]);
          const loaded: LoadedUsers = {
            first,
            ids,
            vectors: vectors.map((vector) => (isCold(vector) ? undefined : vector)),
            past: yield* pastsOf(first, end - 1),
          };
          task.advance(to - from);
          return loaded;
        }),
      ),
    );
    const trends = yield* readItemTrends(model.id);
    yield* Effect.flatMap(UserStates, (states) => states.load(model.id, users, trends));
    yield* forgetting.forget;
  });

/** Loads the model and sets it live: from then on updaters keep it up to date. */
export const loadModel = (model: Model) =>
  Effect.gen(function* () {
    const progress = yield* Progress;
    const task = yield* progress.task({
      label: `loading model ${model.id}`,
      unit: "vectors",
      total: model.users + model.items,
    });
    yield* loadItems(model, task);
    yield* loadUsers(model, task);
    yield* Effect.flatMap(ModelRegistry, (registry) =>
      registry.update((state) => [undefined, withStatus(state, model.id, "live")]),
    );
  }).pipe(Effect.scoped);
