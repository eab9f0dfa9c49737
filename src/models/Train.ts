/** Train: ALS on the training data, as a new model: its factors in Delta tables, its entry in the registry. */
import { availableParallelism } from "node:os";
import { Clock, Effect, Random, Stream } from "effect";
import { batch, values } from "../config/Settings.ts";
import { hasNumericIds, readTrainingData, type TrainingData } from "../datasets/TrainingData.ts";
import type { ColumnBatch } from "../domain/Columns.ts";
import { eventTypes } from "../domain/Event.ts";
import type { Model, TrainingSnapshot } from "../domain/Model.ts";
import {
  itemFactors,
  itemMap,
  rawEvents,
  rawTransactions,
  type TableDefinition,
  userFactors,
  userMap,
} from "../domain/TableSchemas.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Progress } from "../ports/Progress.ts";
import { Tables } from "../ports/Tables.ts";
import { trainAls } from "../training/Als.ts";
import { removeRemains } from "./Delete.ts";
import { addModel } from "./Registry.ts";
import { RefusedModel } from "./Shrinkage.ts";

const rowsPerBatch = 50_000;

/** Factors (rows × rank, row-major) as batches of (id, features). */
const factorBatches = (factors: Float32Array, rank: number): Stream.Stream<ColumnBatch> => {
  const rows = factors.length / rank;
  return Stream.range(0, Math.ceil(rows / rowsPerBatch) - 1, 1).pipe(
    Stream.map((part) => {
      const first = part * rowsPerBatch;
      const count = Math.min(rowsPerBatch, rows - first);
      return {
        rows: count,
        columns: {
          id: Int32Array.from({ length: count }, (_, r) => first + r),
          features: Array.from({ length: count }, (_, r) =>
            factors.subarray((first + r) * rank, (first + r + 1) * rank),
          ),
        },
      };
    }),
  );
};

const newModelId = Effect.gen(function* () {
  const now = new Date(yield* Clock.currentTimeMillis).toISOString();
  const tail = (yield* Random.nextIntBetween(0, 0x10000)).toString(16).padStart(4, "0");
  return { createdAt: now, id: `${now.slice(0, 19).replaceAll(/[-:]/g, "")}-${tail}` };
});

/** Rows of the raw tables that the ratings were made of. */
const eventsOf = ({ tables: versions }: TrainingSnapshot) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const counts = yield* Effect.forEach([rawTransactions, rawEvents], ({ name }) =>
      versions[name] === undefined
        ? Effect.succeed(0)
        : Effect.map(tables.snapshot(name, versions[name]), ({ rows }) => rows),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  });

/** Users and items with a rating, and how many events there are. */
const extentOf = (data: TrainingData) =>
  Effect.map(eventsOf(data.snapshot), (events) => {
    const { itemIdx, items, pointers } = data;
    const rated = new Uint8Array(items);
    for (let i = 0; i < itemIdx.length; i++) rated[itemIdx[i]!] = 1;
    let users = 0;
    for (let user = 1; user < pointers.length; user++) if (pointers[user]! > pointers[user - 1]!) users++;
    return { users, items: rated.reduce((sum, one) => sum + one, 0), events };
  });

/** Trains on what `preprocess` wrote last; answers the new model, status `trained`. */
export const trainModel = Effect.gen(function* () {
  const tables = yield* Tables;
  const registry = yield* ModelRegistry;
  const progress = yield* Progress;
  const { rank, regularization, alpha, iterations, seed, threads } = yield* values(batch);
  const data = yield* readTrainingData();
  const learntFrom = yield* extentOf(data);
  if (data.ratings.length === 0) {
    const message = `there is nothing to learn from: of the ${learntFrom.events} events none counts (their types are unknown, or their weights 0); models are as they were`;
    return yield* new RefusedModel({ reason: "Empty", message });
  }
  const parameters = { rank, regularization, alpha, iterations, seed };
  const {
    userFactors: users,
    itemFactors: items,
    losses,
  } = yield* Effect.scoped(
    Effect.gen(function* () {
      const task = yield* progress.task({ label: `training ALS, rank ${rank}`, unit: "iterations", total: iterations });
      return yield* trainAls(
        { ...data, parameters, threads: threads === 0 ? availableParallelism() : threads },
        (_iteration, loss) => {
          task.advance(1);
          task.note(`loss ${loss.toPrecision(6)}`);
        },
      );
    }),
  );
  const { id, createdAt } = yield* newModelId;
  const write = ({ name, schema }: TableDefinition, factors: Float32Array) =>
    tables.overwrite(name, schema, factorBatches(factors, rank));
  const model: Model = {
    id,
    createdAt,
    parameters,
    metrics: { loss: losses },
    snapshot: data.snapshot,
    users: data.users,
    items: data.items,
    learntFrom,
    numericUserIds: yield* hasNumericIds(data.snapshot, userMap),
    numericItemIds: yield* hasNumericIds(data.snapshot, itemMap),
    eventTypes,
    status: "trained",
    served: false,
  };
  // What was written of a model that comes to nothing is removed; once it may be registered, it stays.
  yield* Effect.uninterruptibleMask((restore) =>
    restore(Effect.zipRight(write(userFactors(id), users), write(itemFactors(id), items))).pipe(
      Effect.onError(() => Effect.ignore(removeRemains(id))),
      Effect.zipRight(registry.update((state) => [undefined, addModel(state, model)])),
    ),
  );
  yield* Effect.logInfo(
    `trained model ${id}: ${data.users} users, ${data.items} items, ${data.ratings.length} pairs, loss ${losses.map((loss) => loss.toPrecision(6)).join(" → ")}`,
  );
  return model;
});
