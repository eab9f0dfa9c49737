/** Load: a trained model's factors into the stores that serve, beside the models that are there. */
import { Effect, Stream } from "effect";
import { readItems } from "../batch/ItemTables.ts";
import { readUserIds, TrainingDataError } from "../batch/TrainingData.ts";
import { readPasts } from "../batch/UserTables.ts";
import type { LoadedUsers } from "../domain/LoadedUsers.ts";
import type { Model } from "../domain/Model.ts";
import { itemFactors, userFactors } from "../domain/TableSchemas.ts";
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

/** Users whose past is in memory at once. */
const usersAtOnce = 16_384;

/** Parts of a batch of factors, each of so many rows. */
const partsOf = ({ rows, columns }: ColumnBatch): ReadonlyArray<Factors> => {
  const { ids, features } = factorsOf({ rows, columns });
  return Array.from({ length: Math.ceil(rows / usersAtOnce) }, (_, part) => {
    const from = part * usersAtOnce;
    const length = Math.min(usersAtOnce, rows - from);
    return {
      ids: Int32Array.from({ length }, (_, r) => ids[from + r]),
      features: Array.from({ length }, (_, r) => features[from + r]),
    };
  });
};

const loadUsers = (model: Model, task: Task) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const table = userFactors(model.id).name;
    const userIds = yield* readUserIds(model.snapshot);
    const pasts = yield* readPasts(model.snapshot);
    const users = tables.read(table).pipe(
      Stream.mapConcat(partsOf),
      Stream.mapEffect(({ ids, features }) =>
        Effect.gen(function* () {
          const first = ids[0];
          const end = first + ids.length;
          for (let r = 0; r < ids.length; r++) {
            if (ids[r] === first + r && ids[r] < userIds.length) continue;
            return yield* new TrainingDataError({
              reason: "Corrupt",
              message: `${table} is not in order of users or names unknown ones: train the model again.`,
            });
          }
          const loaded: LoadedUsers = {
            first,
            ids: userIds.slice(first, end),
            vectors: Array.from(features, (vector) => (isCold(vector) ? undefined : vector)),
            past: yield* pasts(first, end - 1),
          };
          task.advance(ids.length);
          return loaded;
        }),
      ),
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
