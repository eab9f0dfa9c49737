/** Load: a trained model's factors into the stores that serve, beside the models that are there. */
import { Chunk, Effect, Option, type Scope, Stream } from "effect";
import {
  readHistory,
  readItems,
  readUserIds,
  type TrainingDataError,
  type UserInteractions,
} from "../batch/TrainingData.ts";
import type { Model } from "../domain/Model.ts";
import { itemFactors, userFactors } from "../domain/TableSchemas.ts";
import type { LoadedUser } from "../domain/UserState.ts";
import { ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Progress, type Task } from "../ports/Progress.ts";
import { type ColumnBatch, type TableError, Tables } from "../ports/Tables.ts";
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

/** Answers the interactions of the users up to and including `last`, which must not go down between calls. */
const historyUpTo = (
  model: Model,
): Effect.Effect<
  (last: number) => Effect.Effect<ReadonlyMap<number, UserInteractions>, TrainingDataError | TableError, Tables>,
  never,
  Tables | Scope.Scope
> =>
  Effect.map(Stream.toPull(readHistory(model.snapshot)), (pull) => {
    let read: ReadonlyArray<UserInteractions> = [];
    let over = false;
    return (last) =>
      Effect.gen(function* () {
        const found = new Map<number, UserInteractions>();
        while (true) {
          const rest: Array<UserInteractions> = [];
          for (const user of read) {
            if (user.userIdx <= last) found.set(user.userIdx, user);
            else rest.push(user);
          }
          read = rest;
          if (over || rest.length > 0) return found;
          const more = yield* pull.pipe(
            Effect.asSome,
            Effect.catchAll(Option.match({ onNone: () => Effect.succeedNone, onSome: (error) => Effect.fail(error) })),
          );
          if (Option.isNone(more)) over = true;
          else read = Chunk.toReadonlyArray(more.value).flat();
        }
      });
  });

const loadUsers = (model: Model, task: Task) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const userIds = yield* readUserIds(model.snapshot);
    const history = yield* historyUpTo(model);
    const users = tables.read(userFactors(model.id).name).pipe(
      Stream.mapEffect((batch) => {
        const { ids, features } = factorsOf(batch);
        return Effect.map(history(ids[batch.rows - 1]), (found): ReadonlyArray<LoadedUser> => {
          task.advance(batch.rows);
          return Array.from({ length: batch.rows }, (_, r) => ({
            userIdx: ids[r],
            userId: userIds[ids[r]],
            vector: isCold(features[r]) ? undefined : features[r],
            interactions: found.get(ids[r])?.interactions ?? [],
          }));
        });
      }),
    );
    return yield* Effect.flatMap(UserStates, (states) => states.load(model.id, users));
  });

const loadItems = (model: Model, task: Task) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const metadata = yield* readItems(model.snapshot);
    const items = tables.read(itemFactors(model.id).name).pipe(
      Stream.map((batch) => {
        const { ids, features } = factorsOf(batch);
        task.advance(batch.rows);
        return Array.from({ length: batch.rows }, (_, r) => ({
          itemIdx: ids[r],
          metadata: metadata[ids[r]],
          vector: features[r],
        }));
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
