/** Load: a trained model's factors into the stores that serve, beside the models that are there. */
import { Effect, Stream } from "effect";
import { readItems } from "../batch/ItemTables.ts";
import { readUserIds } from "../batch/TrainingData.ts";
import { pastUpTo } from "../batch/UserTables.ts";
import type { Model } from "../domain/Model.ts";
import { itemFactors, userFactors } from "../domain/TableSchemas.ts";
import type { LoadedUser } from "../domain/UserState.ts";
import { ItemIndex, type ItemVector } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Progress, type Task } from "../ports/Progress.ts";
import { type ColumnBatch, Tables } from "../ports/Tables.ts";
import { UserStates } from "../ports/UserStates.ts";
import { withStatus } from "./Registry.ts";

const isCold = (vector: Float32Array): boolean => vector.every((value) => value === 0);

interface Factors {
  readonly ids: ArrayLike<number>;
  readonly features: ArrayLike<Float32Array>;
}

const factorsOf = ({ columns }: ColumnBatch): Factors => ({
  ids: columns.id as ArrayLike<number>,
  features: columns.features as ArrayLike<Float32Array>,
});

const loadUsers = (model: Model, task: Task) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const userIds = yield* readUserIds(model.snapshot);
    const past = yield* pastUpTo(model.snapshot);
    const users = tables.read(userFactors(model.id).name).pipe(
      Stream.mapEffect((batch) => {
        const { ids, features } = factorsOf(batch);
        return Effect.map(past(ids[batch.rows - 1]), (pastOf): ReadonlyArray<LoadedUser> => {
          task.advance(batch.rows);
          return Array.from({ length: batch.rows }, (_, r) => ({
            userIdx: ids[r],
            userId: userIds[ids[r]],
            vector: isCold(features[r]) ? undefined : features[r],
            ...pastOf(ids[r]),
          }));
        });
      }),
    );
    return yield* Effect.flatMap(UserStates, (states) => states.load(model.id, users));
  });

const loadItems = (model: Model, task: Task) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const known = yield* readItems(model.snapshot);
    const gone = known.filter(({ listed }) => listed === false).length;
    if (gone > 0) {
      yield* Effect.logInfo(
        `${gone} of the ${known.length} items of model ${model.id} are not in the items file: they are learnt from and not recommended`,
      );
    }
    const items = tables.read(itemFactors(model.id).name).pipe(
      Stream.map((batch) => {
        const { ids, features } = factorsOf(batch);
        task.advance(batch.rows);
        return Array.from({ length: batch.rows }, (_, r): ItemVector => {
          const { listed, ...item } = known[ids[r]];
          // Without an items file the shop's items are those that somebody had to do with.
          return { ...item, available: listed ?? !isCold(features[r]), vector: features[r] };
        });
      }),
    );
    return yield* Effect.flatMap(ItemIndex, (index) => index.load(model.id, model.parameters.rank, items));
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
